import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { beforeAll, onTestFinished } from 'vitest';
import type { AuditRecord } from '../../src/index.ts';
import { worldGuest } from '../guests/index.ts';
import { type GuestOptions, type GuestRun, type OpenGuest, openGuest, runGuest } from './guest-run.ts';
import { tcpServer, type TestServer, type TestUdp, udpServer } from './tcp-servers.ts';

/** Operations of the guest, as test/guests/c/sockets.c has them. */
export type Line = readonly string[];

/** A guest that takes a line of operations on sockets. */
export interface SocketsGuest {
  /** @param sockets rules of the policy */
  readonly run: (sockets: readonly object[], line: Line, more?: GuestOptions) => Promise<GuestRun>;
  readonly open: (sockets: readonly object[], line: Line, more?: GuestOptions) => Promise<OpenGuest>;
}

/**
 * For the top of a file or of a suite: the guest is built before the tests.
 *
 * @param name in test/guests/c
 */
export function socketsGuest(name: string, version?: string): SocketsGuest {
  return lineGuest(() => worldGuest(name, version));
}

/**
 * The same for a component that is built in another way.
 *
 * @param section of the policy that has the rules
 */
export function lineGuest(
  build: () => Promise<Uint8Array>,
  section: 'sockets' | 'http' = 'sockets',
): SocketsGuest {
  const options = (rules: readonly object[], line: Line, more: GuestOptions = {}): GuestOptions => {
    const { grant, ...rest } = more;
    return { line: line.join(' + '), ...rest, grant: { [section]: rules, ...grant } };
  };
  beforeAll(build);
  return {
    run: async (rules, line, more) => runGuest(await build(), 'component', options(rules, line, more)),
    open: async (rules, line, more) => openGuest(await build(), 'component', options(rules, line, more)),
  };
}

/** A TCP server that ends with the test. */
export async function server(...args: Parameters<typeof tcpServer>): Promise<TestServer> {
  const made = await tcpServer(...args);
  onTestFinished(() => made.close());
  return made;
}

/** A UDP socket that ends with the test. */
export async function udp(...args: Parameters<typeof udpServer>): Promise<TestUdp> {
  const made = await udpServer(...args);
  onTestFinished(() => made.close());
  return made;
}

/** A connection to a guest, which ends with the test. */
export async function peer(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Waits until a guest has printed something that fits. It must `say` something after it, which empties its buffer. */
export async function printed({ stdout }: OpenGuest, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(stdout.text());
    if (found !== null) return found[1] ?? '';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What matters of the denials on record. */
export function denials(records: readonly AuditRecord[]): readonly string[] {
  return records.flatMap((record) =>
    record.kind === 'denial' ? [`${record.operation} ${record.subject}`] : [],
  );
}

/** The limits on record. */
export function limits(records: readonly AuditRecord[]): readonly string[] {
  return records.flatMap((record) => (record.kind === 'limit' ? [record.limit] : []));
}
