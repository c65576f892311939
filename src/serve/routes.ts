import { InstanceError } from '../errors.ts';
import type { InstantiateOptions, Program } from '../index.ts';

/** Requests of one place, and who answers them. What stands beside it is what its instances are opened with. */
export interface Route extends Omit<InstantiateOptions, 'stdin' | 'args' | 'endOnInterrupt'> {
  /** A component that exports `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI 0.3. */
  readonly program: Program;
  /** Host of the requests, without a port; all hosts when absent. Compares without case. */
  readonly host?: string;
  /** Prefix of the path in whole segments: `/api` is for `/api` and `/api/x`, not for `/apis`. `/` when absent. */
  readonly path?: string;
}

/** Where a route stands. */
export interface Place {
  readonly host?: string | undefined;
  readonly path?: string | undefined;
}

/** Finds the route of a request: those with a host come before those without, then the longest path is it. */
export class RouteTable<T extends Place> {
  readonly #byHost = new Map<string, T[]>();
  readonly #anyHost: T[] = [];

  /** @param routes no two of them of one place */
  constructor(routes: readonly T[]) {
    for (const route of routes) {
      const host = route.host?.toLowerCase();
      if (host === undefined) this.#anyHost.push(route);
      else if (this.#byHost.has(host)) this.#byHost.get(host)?.push(route);
      else this.#byHost.set(host, [route]);
    }
    const longestFirst = (one: T, other: T): number => prefixOf(other).length - prefixOf(one).length;
    for (const list of [this.#anyHost, ...this.#byHost.values()]) list.sort(longestFirst);
  }

  /**
   * @param authority as the request has it, with or without a port
   * @param path as the request has it, a query included; it is compared as it stands, because whoever is behind it sees it so
   */
  find(authority: string | undefined, path: string): T | undefined {
    const query = path.indexOf('?');
    const plain = query === -1 ? path : path.slice(0, query);
    const named = authority === undefined ? undefined : this.#byHost.get(hostOf(authority));
    return named?.find((route) => holds(route, plain)) ?? this.#anyHost.find((route) => holds(route, plain));
  }
}

/** @returns whether two routes are for the same requests */
export function isSamePlace(one: Place, other: Place): boolean {
  return one.host?.toLowerCase() === other.host?.toLowerCase() && prefixOf(one) === prefixOf(other);
}

/** @throws InstanceError BW_INSTANCE_NOT_A_HANDLER for a program that answers no requests */
export function assertHandler({ name, exports }: Program): void {
  if (exports.some((each) => /^wasi:http\/(?:incoming-handler@0\.2|handler@0\.3)\.\d+$/.test(each))) return;
  throw new InstanceError(
    'BW_INSTANCE_NOT_A_HANDLER',
    `${name} handles no requests: it exports neither \`wasi:http/incoming-handler@0.2\` nor \`wasi:http/handler@0.3\`.`,
    { hint: '`bailiwick inspect` tells what it exports.' },
  );
}

/** @returns whether one instance of it can have many requests at work at one time */
export function takesMany({ exports }: Program): boolean {
  return exports.some((each) => /^wasi:http\/handler@0\.3\.\d+$/.test(each));
}

/** Without a slash at the end, so that the root is the empty prefix. */
function prefixOf({ path = '/' }: Place): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function holds(route: Place, path: string): boolean {
  const prefix = prefixOf(route);
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '').toLowerCase();
}
