import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/index.ts';
import { type GuestOptions, type GuestRun, runGuest } from '../support/guest-run.ts';
import { jsGuest, watComponent } from './index.ts';

let program: Uint8Array;

beforeAll(async () => {
  program = await jsGuest('network');
});

function run(line: string, options: GuestOptions = {}): Promise<GuestRun> {
  return runGuest(program, 'component', { ...options, args: line.split(' ').filter(Boolean) });
}

/** What the log says of each denial. */
function denied(record: Extract<AuditRecord, { kind: 'denial' }>): object {
  const { grant, missing, operation, reason, subject } = record;
  return { grant, missing, operation, reason, subject };
}

describe('without a network, a guest that asks for', () => {
  it.each([
    ['tcp', 'sockets', 'create-tcp-socket', 'ipv4', 'error:access-denied'],
    ['udp', 'sockets', 'create-udp-socket', 'ipv6', 'error:access-denied'],
    ['dns', 'dns', 'resolve-addresses', 'db.internal', 'error:access-denied'],
    ['http', 'http', 'http-request', 'POST https://api.example.com/v1/items', 'error:HTTP-request-denied'],
  ])(
    '%s is told so, and the log has one denial of the section %s',
    async (what, section, operation, subject, answer) => {
      const end = await run(what);
      expect([end.stdout, end.exitCode]).toEqual([`${what}=${answer}\n`, 0]);
      expect(end.of('denial').map(denied)).toEqual([
        { grant: null, missing: { section }, operation, reason: 'not-granted', subject },
      ]);
      expect(end.of('instance-closed')[0]?.denials).toEqual({ total: 1, distinct: 1 });
    },
  );

  it('all of it gets an answer each time', async () => {
    const end = await run('tcp udp dns http tcp options');
    expect(end.lines).toEqual([
      'tcp=error:access-denied',
      'udp=error:access-denied',
      'dns=error:access-denied',
      'http=error:HTTP-request-denied',
      'tcp=error:access-denied',
      'options=5000000,none,error:HTTP-request-denied',
    ]);
    expect(end.of('instance-closed')[0]?.denials).toEqual({ total: 6, distinct: 4 });
  });

  it('nothing of it runs as any other', async () => {
    const end = await run('');
    expect([end.exitCode, end.outcome.kind]).toEqual([0, 'exit']);
    expect(end.of('denial')).toEqual([]);
  });

  it('more handles than it may have traps', async () => {
    const end = await run('many-handles', { grant: { limits: { handles: 50 } } });
    expect(end.outcome.kind).toBe('trap');
    expect(end.of('limit')).toMatchObject([
      { limit: 'limits.handles', operation: 'instance-network', subject: 'network' },
    ]);
  });
});

describe('an HTTP request', () => {
  it('is built as WIT has it', async () => {
    const { lines } = await run('request bad-request body');
    expect(lines).toEqual([
      'request=post HTTPS api.example.com /v1/items?key=secret',
      'bad-request=error:none error:none error:none error:none api.example.com',
      'body=error:none,error:HTTP-request-body-size,error:HTTP-request-denied',
    ]);
  });

  it('has fields that are checked', async () => {
    const { lines } = await run('fields bad-fields');
    expect(lines).toEqual([
      'fields=Accept:a X-One:1 accept:b true 0 X-One:2 X-One:3',
      'bad-fields=error:invalid-syntax error:invalid-syntax error:forbidden error:immutable ok',
    ]);
  });

  it.each(['large-fields', 'overlapping-list'])('has fields of a bounded size: %s', async (what) => {
    const end = await run(what);
    expect(end.outcome.kind).toBe('trap');
    expect(end.of('limit')).toMatchObject([{ limit: 'http fields.bytes', value: 128 << 10 }]);
  });

  it('is nothing that a guest can answer, but it can make an answer', async () => {
    const end = await run('response');
    expect(end.lines).toEqual(['response=200']);
    expect(end.of('denial')).toEqual([]);
  });
});

describe('a component that answers requests', () => {
  const WORLD = `package bailiwick:guests;
world proxy {
  import wasi:http/outgoing-handler@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
  export wasi:cli/run@0.2.12;
}`;

  /** Sends a request with a body of three bytes through a real stream; `run` fails unless that is denied. */
  const TEXT = `(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop (param i32)))
  (import "wasi:http/outgoing-handler@0.2.12" "handle" (func $handle (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)
  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (local $r i32) (local $b i32) (local $s i32)
    (local.set $r (call $request (call $fields)))
    (call $body (local.get $r) (i32.const 64))
    (local.set $b (i32.load (i32.const 68)))
    (call $stream (local.get $b) (i32.const 64))
    (local.set $s (i32.load (i32.const 68)))
    (call $write (local.get $s) (i32.const 0) (i32.const 3) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (call $drop (local.get $s))
    (call $finish (local.get $b) (i32.const 0) (i32.const 0) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (call $handle (local.get $r) (i32.const 0) (i32.const 0) (i32.const 64))
    ;; err(HTTP-request-denied), the 16th case of error-code
    (i32.or
      (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1))
      (i32.ne (i32.load8_u (i32.const 72)) (i32.const 15)))))`;

  it('links, and its own requests are denied after their bodies are taken', async () => {
    const end = await runGuest(await watComponent(TEXT, WORLD), 'component');
    expect([end.outcome, end.exitCode]).toEqual([{ kind: 'exit', code: 0 }, 0]);
    expect(end.of('denial').map(denied)).toMatchObject([
      { operation: 'http-request', subject: 'GET https:///', missing: { section: 'http' } },
    ]);
  });
});
