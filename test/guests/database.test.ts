import { describe, expect, it } from 'vitest';
import { type PostgresServer, postgresServer, type QueryAnswer } from '../support/postgres-server.ts';
import { type GuestOptions, type GuestRun, runGuest } from '../support/guest-run.ts';
import { dnsServer } from '../support/dns-server.ts';
import { worldGuest } from './index.ts';

const ORDERS = {
  columns: ['id', 'item'],
  rows: [
    ['1', 'lamp'],
    ['2', null],
  ],
} as const satisfies QueryAnswer;

async function query(
  database: PostgresServer,
  rule: object,
  options: GuestOptions = {},
  host = '127.0.0.1',
): Promise<GuestRun> {
  const line = `${host} ${database.port} SELECT id, item FROM orders`;
  const guest = await worldGuest('database');
  try {
    return await runGuest(guest, 'component', { line, ...options, grant: { sockets: [rule] } });
  } finally {
    await database.close();
  }
}

/** What the guest prints when everything goes well. */
const RESULT = [
  'parameter=server_version 17.0',
  'columns=id,item',
  'row=1,lamp',
  'row=2,NULL',
  'done=SELECT 2',
];

describe('a database client', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('reaches its server at %s through one rule and nothing else', async (host, inRule) => {
    const database = await postgresServer(host, () => ORDERS);
    const end = await query(database, { protocol: 'tcp', connect: `${inRule}:${database.port}` }, {}, host);
    expect(end.lines).toEqual(RESULT);
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(database.startups).toEqual(['user=guest database=shop']);
    expect(database.queries).toEqual(['SELECT id, item FROM orders']);
    expect(end.of('denial')).toEqual([]);
  });

  it('reaches it by the name in the rule, which leads to a private address that the rule names', async () => {
    const database = await postgresServer('127.0.0.1', () => ORDERS);
    await using zone = await dnsServer({ 'db.internal.test': [['127.0.0.1']] });
    const rule = {
      id: 'db',
      protocol: 'tcp',
      connect: `db.internal.test:${database.port}`,
      addresses: ['127.0.0.0/8'],
    };
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    expect((await query(database, rule, { bindings })).lines).toEqual(RESULT);
  });

  it("is told the server's error", async () => {
    const database = await postgresServer('127.0.0.1', () => ({ error: 'relation "orders" does not exist' }));
    const end = await query(database, { protocol: 'tcp', connect: `127.0.0.1:${database.port}` });
    expect(end.value('error')).toBe('relation "orders" does not exist');
  });

  it('gets nowhere under the rule of another server', async () => {
    const database = await postgresServer('127.0.0.1', () => ORDERS);
    const end = await query(database, { protocol: 'tcp', connect: `127.0.0.2:${database.port}` });
    expect(end.lines).toEqual(['connect=access-denied']);
    expect(end.of('denial').map(({ subject }) => subject)).toEqual([`tcp 127.0.0.1:${database.port}`]);
    expect(database.connections).toEqual([]);
  });
});
