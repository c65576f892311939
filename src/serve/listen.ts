import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../errors.ts';

/** @throws UsageError BW_SERVE_LISTEN */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new UsageError('BW_SERVE_LISTEN', `Cannot listen on ${host}:${port}: ${code}.`, {
      cause,
      ...(code === 'EADDRINUSE' && { hint: 'Port 0 takes one that is free.' }),
    });
  }
  server.off('error', reject);
}

/** @returns `http://127.0.0.1:8080/` */
export function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}
