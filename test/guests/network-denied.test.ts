import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/index.ts';
import { type GuestOptions, type GuestRun, runGuest } from '../support/guest-run.ts';
import { jsGuest } from './index.ts';

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

  it('is nothing that a guest can answer', async () => {
    const end = await run('response');
    expect(end.outcome.kind).toBe('trap');
    expect(end.of('denial')).toEqual([]);
  });
});
