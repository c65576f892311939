import { type InputStream, type OutputStream, StreamStatus } from '../../src/virtual/io/streams.ts';

/** Reads until there are no more bytes. @returns them, and how the stream ended */
export async function readAll(
  input: InputStream,
  length = 4096,
): Promise<{ readonly bytes: Buffer; readonly status: number }> {
  const chunks: Buffer[] = [];
  const target = Buffer.alloc(length);
  for (;;) {
    await input.wait();
    const count = input.readInto(target, 0, length);
    if (count < 0) return { bytes: Buffer.concat(chunks), status: count };
    chunks.push(Buffer.from(target.subarray(0, count)));
  }
}

export async function readText(input: InputStream): Promise<string> {
  const { bytes, status } = await readAll(input);
  if (status !== StreamStatus.closed) throw new Error(`failed: ${JSON.stringify(input.cause)}`);
  return bytes.toString('latin1');
}

/** Reads what is there next. */
export async function readSome(input: InputStream, length = 4096): Promise<string | number> {
  const target = Buffer.alloc(length);
  for (;;) {
    await input.wait();
    const count = input.readInto(target, 0, length);
    if (count !== 0) return count < 0 ? count : target.toString('latin1', 0, count);
  }
}

/** Writes as a guest does: as much as the stream takes, then waits. @returns 0, or how the stream ended */
export async function writeAll(output: OutputStream, data: string | Uint8Array): Promise<number> {
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length;) {
    await output.wait();
    const room = output.checkWrite();
    if (room < 0) return room;
    const count = Math.min(room, bytes.length - at);
    const status = output.write(bytes, at, count);
    if (status !== 0) return status;
    at += count;
  }
  return 0;
}
