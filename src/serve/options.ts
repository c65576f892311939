import { UsageError } from '../errors.ts';
import type { Route } from './routes.ts';

/** How `serve` answers. Only `routes` is needed. */
export interface ServeOptions {
  readonly routes: readonly Route[];
  /** Address to listen on; 127.0.0.1 by default, which only this machine reaches. */
  readonly host?: string;
  /** 8080 by default; 0: one that is free. */
  readonly port?: number;
  /**
   * Requests that one instance is given; 1 by default: an instance for each, so that no request sees another one's state. One
   * of WASI 0.3 has them at work at the same time, up to 1,024.
   */
  readonly reuse?: number;
  /** Requests at work at one time, 100 by default. */
  readonly maxConcurrent?: number;
  /** Requests that wait for that, 1,000 by default; those beyond are answered 503. */
  readonly maxWaiting?: number;
  /** Bytes of one request's body, 10 MiB by default; a larger one is answered 413. */
  readonly maxBodyBytes?: number;
  /** Bytes of one request's head, 16 KiB by default; a larger one is answered 431. */
  readonly maxHeaderBytes?: number;
  /** Open connections, 10,000 by default; further ones are closed at once. */
  readonly maxConnections?: number;
  readonly timeouts?: ServeTimeouts;
  /** Told of every answer; for a line in a log. */
  readonly onAnswer?: (answer: Answer) => void;
  /** Told why a program gave no answer, which the client is not told. */
  readonly onFailure?: (failure: Failure) => void;
}

/** Milliseconds. What takes longer is cut off, so that slow clients do not pile up. */
export interface ServeTimeouts {
  /** Until the head of a request is there; 10,000 by default. */
  readonly headers?: number;
  /** Until all of a request is there; 300,000 by default. */
  readonly request?: number;
  /** That a connection may be open without a request; 5,000 by default. */
  readonly keepAlive?: number;
  /** That a client may take nothing of an answer; 30,000 by default. */
  readonly write?: number;
}

export interface Answer {
  readonly method: string;
  /** As the client sent it: for a terminal or a log, escape it. */
  readonly path: string;
  readonly status: number;
  readonly tenant: string | undefined;
  /** Milliseconds from the request's head to the answer's. */
  readonly time: number;
}

export interface Failure {
  readonly method: string;
  /** As the client sent it. */
  readonly path: string;
  readonly program: string;
  readonly tenant: string | undefined;
  readonly error: unknown;
}

type Complete<T> = { readonly [K in keyof T]-?: T[K] };
type Callbacks = 'onAnswer' | 'onFailure';

/** Options in full. */
export interface Settings
  extends Complete<Omit<ServeOptions, Callbacks | 'timeouts'>>, Pick<ServeOptions, Callbacks> {
  readonly timeouts: Complete<ServeTimeouts>;
}

/** @throws UsageError BW_SERVE_OPTION for a number that makes no sense */
export function settingsOf(options: ServeOptions): Settings {
  const settings: Settings = {
    ...options,
    host: options.host ?? '127.0.0.1',
    port: checked('port', options.port ?? 8080, 0, 65_535),
    reuse: checked('reuse', options.reuse ?? 1, 1),
    maxConcurrent: checked('maxConcurrent', options.maxConcurrent ?? 100, 1),
    maxWaiting: checked('maxWaiting', options.maxWaiting ?? 1000, 0),
    maxBodyBytes: checked('maxBodyBytes', options.maxBodyBytes ?? 10 * 2 ** 20, 0),
    maxHeaderBytes: checked('maxHeaderBytes', options.maxHeaderBytes ?? 16 * 2 ** 10, 1, 2 ** 20),
    maxConnections: checked('maxConnections', options.maxConnections ?? 10_000, 1),
    timeouts: timeoutsOf(options.timeouts ?? {}),
  };
  if (settings.routes.length > 0) return settings;
  throw new UsageError('BW_SERVE_OPTION', 'There are no routes to serve; expected at least one.');
}

function timeoutsOf({ headers, request, keepAlive, write }: ServeTimeouts): Settings['timeouts'] {
  return {
    headers: checked('timeouts.headers', headers ?? 10_000, 1, MAX_TIMER),
    request: checked('timeouts.request', request ?? 300_000, 1, MAX_TIMER),
    keepAlive: checked('timeouts.keepAlive', keepAlive ?? 5000, 1, MAX_TIMER),
    write: checked('timeouts.write', write ?? 30_000, 1, MAX_TIMER),
  };
}

const MAX_TIMER = 2 ** 31 - 1;

function checked(name: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const most = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
  throw new UsageError(
    'BW_SERVE_OPTION',
    `${name} is ${value}; expected a whole number from ${min} ${most}.`,
  );
}
