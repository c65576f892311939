import { createCipheriv } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, type Instance, type Program } from '../../src/index.ts';
import { engine } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

/** Hands the three sources of randomness of WASI 0.2 through to the embedder. */
const COMPONENT = `(component
  (import "wasi:random/insecure-seed@0.2.6" (instance $seed (export "insecure-seed" (func (result (tuple u64 u64))))))
  (import "wasi:random/insecure@0.2.6" (instance $insecure
    (export "get-insecure-random-u64" (func (result u64)))
    (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))))
  (import "wasi:random/random@0.2.6" (instance $random (export "get-random-u64" (func (result u64)))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $mem (instantiate $memory))
  (core func $seed (canon lower (func $seed "insecure-seed") (memory (core memory $mem "memory"))))
  (core func $u64 (canon lower (func $insecure "get-insecure-random-u64")))
  (core func $bytes (canon lower (func $insecure "get-insecure-random-bytes")
    (memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))))
  (core func $secure (canon lower (func $random "get-random-u64")))
  (core module $m
    (import "i" "seed" (func $seed (param i32)))
    (import "i" "u64" (func $u64 (result i64)))
    (import "i" "bytes" (func $bytes (param i64 i32)))
    (import "i" "secure" (func $secure (result i64)))
    (func (export "seed") (result i32) (call $seed (i32.const 0)) (i32.const 0))
    (func (export "u64") (result i64) (call $u64))
    (func (export "bytes") (param i64) (result i32) (call $bytes (local.get 0) (i32.const 0)) (i32.const 0))
    (func (export "secure") (result i64) (call $secure)))
  (core instance $i (instantiate $m (with "i" (instance
    (export "seed" (func $seed)) (export "u64" (func $u64))
    (export "bytes" (func $bytes)) (export "secure" (func $secure))))))
  (func (export "seed") (result (tuple u64 u64)) (canon lift (core func $i "seed") (memory (core memory $mem "memory"))))
  (func (export "u64") (result u64) (canon lift (core func $i "u64")))
  (func (export "bytes") (param "len" u64) (result (list u8)) (canon lift (core func $i "bytes") (memory (core memory $mem "memory"))))
  (func (export "secure") (result u64) (canon lift (core func $i "secure"))))`;

describe('WASI 0.2: insecure randomness', () => {
  let program: Program;
  beforeAll(async () => {
    program = await engine.compile(await watGuest(COMPONENT), { name: 'random.wasm' });
  });
  const open = (random: unknown, audit: AuditLog = new AuditLog()): Promise<Instance> =>
    program.instantiate({ policy: { version: 1, ...(random === undefined ? {} : { random }) }, audit });
  const read = async (instance: Instance): Promise<unknown[]> => [
    await instance.call('seed'),
    await instance.call('u64'),
    await instance.call('bytes', 16n),
  ];

  it('without a grant is the documented stream, the same everywhere: ChaCha20 under a key of zeros', async () => {
    const stream = createCipheriv('chacha20', Buffer.alloc(32), Buffer.alloc(16)).update(Buffer.alloc(40));
    const audit = new AuditLog();
    await using one = await open(undefined, audit);
    await using other = await open(undefined);
    const given = await read(one);
    expect(given).toEqual(await read(other));
    expect(given[0]).toEqual([stream.readBigUInt64LE(0), stream.readBigUInt64LE(8)]);
    expect(given[1]).toBe(stream.readBigUInt64LE(16));
    expect(Buffer.from(given[2] as Uint8Array)).toEqual(stream.subarray(24));
    expect(audit.records.map((record) => record.kind)).toEqual(['instance-opened']);
  });

  it('under a seed can be repeated, and differs from seed to seed', async () => {
    const runs = await Promise.all(
      ['a', 'a', 'b'].map(async (seed) => {
        await using instance = await open({ seed });
        return await read(instance);
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it('under "secure" differs from instance to instance', async () => {
    await using one = await open('secure');
    await using other = await open('secure');
    expect((await read(one))[0]).not.toEqual((await read(other))[0]);
  });

  it('does not let secure randomness through: that is a trap, and on record', async () => {
    const audit = new AuditLog();
    const instance = await open(undefined, audit);
    await instance.call('seed');
    await expect(instance.call('secure')).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_TRAPPED' }),
    );
    expect(audit.records.filter(({ kind }) => kind === 'denial')).toEqual([
      expect.objectContaining({ grant: null, operation: 'random', missing: { section: 'random' } }),
    ]);
  });
});
