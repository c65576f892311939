import { array, assert, nat, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { Pipe } from '../../../../src/virtual/io/pipe.ts';
import { StreamStatus } from '../../../../src/virtual/io/streams.ts';

test('gives what was put in, in order, however it is cut', () => {
  assert(
    property(array(uint8Array({ maxLength: 20 })), array(nat(25), { minLength: 1 }), (chunks, lengths) => {
      const pipe = new Pipe();
      for (const chunk of chunks) pipe.output.write(chunk, 0, chunk.length);
      pipe.output.close();
      const target = Buffer.alloc(25);
      const all: number[] = [];
      for (let turn = 0; ; turn++) {
        // Some of them are 0, so that a length of its own moves on.
        const length = turn % 2 === 0 ? (lengths[turn % lengths.length] as number) : 7;
        const count = pipe.input.readInto(target, 0, length);
        if (count === StreamStatus.closed) break;
        all.push(...target.subarray(0, count));
      }
      expect(all).toEqual(chunks.flatMap((chunk) => [...chunk]));
    }),
  );
});

test('copies what is written, that of a Buffer too', () => {
  const pipe = new Pipe();
  const bytes = Buffer.from('before');
  pipe.output.write(bytes, 0, 6);
  bytes.write('after!');
  expect(Buffer.from(pipe.shift()).toString()).toBe('before');
});

test('holds as many bytes as it has room for', async () => {
  const pipe = new Pipe(10);
  expect(pipe.output.checkWrite()).toBe(10);
  pipe.output.write(new Uint8Array(10), 0, 10);
  expect([pipe.output.checkWrite(), pipe.output.ready()]).toEqual([0, false]);
  const waiting = pipe.output.wait();
  pipe.input.readInto(new Uint8Array(4), 0, 4);
  await waiting;
  expect(pipe.output.checkWrite()).toBe(4);
});

test('holds no more than 512 chunks, however small', async () => {
  const pipe = new Pipe();
  let writes = 0;
  for (; pipe.output.checkWrite() > 0; writes++) pipe.output.write(Uint8Array.of(1), 0, 1);
  expect([writes, pipe.output.ready()]).toEqual([512, false]);
  const waiting = pipe.output.wait();
  pipe.input.readInto(new Uint8Array(1), 0, 1);
  await waiting;
  expect(pipe.output.checkWrite()).toBeGreaterThan(0);
});

test('a read of nothing finds the end only where nothing is left', () => {
  const pipe = new Pipe();
  pipe.output.write(Uint8Array.of(1), 0, 1);
  pipe.output.close();
  expect(pipe.input.readInto(new Uint8Array(1), 0, 0)).toBe(0);
  expect(pipe.input.readInto(new Uint8Array(1), 0, 1)).toBe(1);
  expect(pipe.input.readInto(new Uint8Array(1), 0, 0)).toBe(StreamStatus.closed);
});
