import type { Socket } from 'node:net';
import { tcpServer, type TestServer } from './tcp-servers.ts';

/** What a query is answered with. */
export type QueryAnswer =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly error: string };

export interface PostgresServer extends TestServer {
  /** The parameters of each startup message: `user=guest database=shop`. */
  readonly startups: readonly string[];
  readonly queries: readonly string[];
}

/**
 * The server side of PostgreSQL's protocol 3.0, as much as one simple query takes; anybody is let in.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function postgresServer(
  host: string,
  answer: (query: string) => QueryAnswer,
): Promise<PostgresServer> {
  const startups: string[] = [];
  const queries: string[] = [];
  const serve = (socket: Socket): void => {
    let bytes = Buffer.alloc(0);
    let started = false;
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const head = started ? 1 : 0;
        const length = bytes.length < head + 4 ? Infinity : bytes.readUInt32BE(head);
        if (bytes.length < head + length) return;
        const content = bytes.subarray(head + 4, head + length);
        const kind = started ? bytes.toString('latin1', 0, 1) : 'startup';
        bytes = bytes.subarray(head + length);
        if (kind === 'startup') {
          started = true;
          startups.push(parametersOf(content));
          socket.write(Buffer.concat([message('R', uint32(0)), parameter('server_version', '17.0'), READY]));
        } else if (kind === 'Q') {
          const query = content.toString('utf8', 0, content.length - 1);
          queries.push(query);
          socket.write(Buffer.concat([...resultOf(answer(query)), READY]));
        } else if (kind === 'X') socket.end();
      }
    });
  };
  return { ...(await tcpServer(host, serve)), startups, queries };
}

function parametersOf(content: Buffer): string {
  const words = content.toString('utf8', 4).split('\0');
  return words
    .flatMap((word, i) => (i % 2 === 0 && word !== '' ? [`${word}=${words[i + 1] ?? ''}`] : []))
    .join(' ');
}

function resultOf(answer: QueryAnswer): Buffer[] {
  if ('error' in answer) {
    return [message('E', Buffer.from(`SERROR\0C42P01\0M${answer.error}\0\0`))];
  }
  const { columns, rows } = answer;
  // Of each column: its table, its number, the type text (25), its size and modifier, the format text (0).
  const type = Buffer.concat([
    uint32(0),
    uint16(0),
    uint32(25),
    uint16(0xffff),
    uint32(0xffff_ffff),
    uint16(0),
  ]);
  const described = columns.flatMap((name) => [Buffer.from(`${name}\0`), type]);
  return [
    message('T', Buffer.concat([uint16(columns.length), ...described])),
    ...rows.map((row) => message('D', Buffer.concat([uint16(row.length), ...row.map(valueOf)]))),
    message('C', Buffer.from(`SELECT ${rows.length}\0`)),
  ];
}

function valueOf(value: string | null): Buffer {
  if (value === null) return uint32(0xffff_ffff);
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function parameter(name: string, value: string): Buffer {
  return message('S', Buffer.from(`${name}\0${value}\0`));
}

function message(kind: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), uint32(content.length + 4), content]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Ready for a query, not in a transaction. */
const READY = message('Z', Buffer.from('I'));
