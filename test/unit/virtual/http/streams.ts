import { type InputStream, type OutputStream, StreamStatus } from '../../../../src/virtual/io/streams.ts';
import type { Field } from '../../../../src/virtual/http/fields.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const field = (name: string, value: string): Field => ({ name, value: bytes(value) });

/** @returns fields as `name: value` */
export function texts(fields: readonly Field[] | undefined): string[] | undefined {
  return fields?.map(({ name, value }) => `${name}: ${Buffer.from(value).toString('latin1')}`);
}

/** Reads to the end. @returns the text, and how it ended: `closed`, or the tag of what it failed with */
export async function readAll(stream: InputStream): Promise<readonly [text: string, end: string]> {
  const chunks: Buffer[] = [];
  const buffer = Buffer.alloc(1000);
  for (;;) {
    const count = stream.readInto(buffer, 0, buffer.length);
    if (count === 0) await stream.wait();
    else if (count > 0) chunks.push(Buffer.from(buffer.subarray(0, count)));
    else return [Buffer.concat(chunks).toString('latin1'), endOf(stream, count)];
  }
}

/** @returns what a negative status of a stream means */
export function endOf({ cause }: InputStream | OutputStream, status: number): string {
  if (status === StreamStatus.closed) return 'closed';
  return cause?.kind === 'http' ? cause.error.tag : 'failed';
}

/** Writes as a guest does: what there is room for, then it waits. @returns how it ended, or undefined */
export async function writeAll(stream: OutputStream, content: Uint8Array): Promise<string | undefined> {
  for (let done = 0; done < content.length;) {
    const room = stream.checkWrite();
    if (room < 0) return endOf(stream, room);
    if (room === 0) {
      await stream.wait();
      continue;
    }
    const part = Math.min(room, content.length - done);
    const status = stream.write(content, done, part);
    if (status < 0) return endOf(stream, status);
    done += part;
  }
  return undefined;
}
