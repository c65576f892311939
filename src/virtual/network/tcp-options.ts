import type { TcpOption } from './network.ts';
import type { TcpConnection, TcpOptions } from './stack.ts';
import type { SocketAddress } from './socket-address.ts';

const SECOND = 1_000_000_000n;

/** Numbers are clamped without a word, as WIT allows and as Linux does; durations to whole seconds of TCP_KEEPIDLE. */
const MAX_SECONDS = 32_767n;
const MAX_PROBES = 127n;
const MAX_HOPS = 255n;
const MAX_BUFFER = 0x7fff_ffffn;

/**
 * The options of one TCP socket. Node.js can set keep-alive and its idle time; of the others (interval and count of probes,
 * hop limit, sizes of buffers) the value is kept and given back, and nothing else comes of it, where the stack has no use
 * for it. WIT leaves implementations that freedom.
 */
export class TcpOptionValues {
  #keepAlive: boolean;
  readonly #numbers: Record<Exclude<TcpOption, 'keep-alive-enabled'>, bigint>;
  #hopLimitSet: boolean;

  /** @param inherited those of the listener that a socket comes from; the defaults of Linux when absent */
  constructor(inherited?: TcpOptionValues) {
    this.#keepAlive = inherited !== undefined && inherited.#keepAlive;
    this.#hopLimitSet = inherited !== undefined && inherited.#hopLimitSet;
    this.#numbers = { ...(inherited === undefined ? DEFAULTS : inherited.#numbers) };
  }

  get(option: TcpOption): bigint | boolean {
    return option === 'keep-alive-enabled' ? this.#keepAlive : this.#numbers[option];
  }

  /** @returns false when the value is none */
  set(option: TcpOption, value: bigint | boolean): boolean {
    if (option === 'keep-alive-enabled') {
      this.#keepAlive = value === true;
      return true;
    }
    if (typeof value !== 'bigint' || value <= 0n) return false;
    this.#numbers[option] = clamp(option, value);
    if (option === 'hop-limit') this.#hopLimitSet = true;
    return true;
  }

  /** For a connection that is to be made. @param local what the socket is bound to */
  forStack(local: SocketAddress | undefined): TcpOptions {
    return {
      local,
      keepAlive: this.#keepAlive,
      keepAliveIdle: Number(this.#numbers['keep-alive-idle-time']),
      hopLimit: this.#hopLimitSet ? Number(this.#numbers['hop-limit']) : undefined,
    };
  }

  applyTo(connection: TcpConnection): void {
    connection.setKeepAlive(this.#keepAlive, Number(this.#numbers['keep-alive-idle-time']));
  }
}

const DEFAULTS = {
  'keep-alive-idle-time': 7200n * SECOND,
  'keep-alive-interval': 75n * SECOND,
  'keep-alive-count': 9n,
  'hop-limit': 64n,
  'receive-buffer-size': 65_536n,
  'send-buffer-size': 65_536n,
} as const;

function clamp(option: Exclude<TcpOption, 'keep-alive-enabled'>, value: bigint): bigint {
  switch (option) {
    case 'keep-alive-idle-time':
    case 'keep-alive-interval':
      return min((value + SECOND - 1n) / SECOND, MAX_SECONDS) * SECOND;
    case 'keep-alive-count':
      return min(value, MAX_PROBES);
    case 'hop-limit':
      return min(value, MAX_HOPS);
    case 'receive-buffer-size':
    case 'send-buffer-size':
      return min(value, MAX_BUFFER);
  }
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
