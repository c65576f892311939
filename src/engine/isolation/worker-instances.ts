import { InstanceError } from '../../errors.ts';
import type { InputSource, Machine, OutputTarget } from '../../virtual/machine.ts';
import { CompileCache } from '../cache.ts';
import { compilePolicy } from '../compiled-policy.ts';
import { compileTarget } from '../compile-target.ts';
import type { Exchange } from '../exchange.ts';
import type { InlineInstance } from '../inline-instance.ts';
import type { LinkTarget } from '../linked.ts';
import { openInline } from '../open-inline.ts';
import type { ServedResponse } from '../../virtual/http/response-outparam.ts';
import { normalizePolicy } from '../../policy/index.ts';
import { type Ask, remoteLog, remoteTenant } from './ask-host.ts';
import type { Peer } from './peer.ts';
import type {
  CachePlace,
  HostCalls,
  WireExports,
  WireOpening,
  WireRequest,
  WireResponse,
  WireState,
  WorkerCalls,
} from './protocol.ts';
import { RemoteOutput } from './remote-output.ts';
import { type Chunk, nextChunk, pulledBody } from './pulled-stream.ts';
import { outcomeToWire } from './wire-errors.ts';

/** What a worker has to do with. */
export interface WorkerParts {
  readonly machine: Machine;
  readonly host: () => Peer<HostCalls>;
  readonly ask: Ask;
}

/** Milliseconds between two pictures of an instance that is in a call. */
const TELL_EVERY = 250;

interface Request {
  readonly abort: AbortController;
  readonly exchange: Promise<Exchange>;
  response: ServedResponse | undefined;
}

interface Held {
  readonly instance: InlineInstance;
  readonly requests: Map<number, Request>;
}

interface Compiled {
  readonly name: string;
  readonly digest: string;
  readonly target: LinkTarget;
}

/** The instances of a worker, each as the host's thread would have it, and what the host asks of them. */
export class WorkerInstances {
  readonly #parts: WorkerParts;
  readonly #programs = new Map<string, Promise<Compiled>>();
  readonly #instances = new Map<number, Held>();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  offer(): { readonly [K in keyof WorkerCalls]: WorkerCalls[K] } {
    return {
      ping: () => undefined,
      compile: async (bytes, name, cache) => {
        await this.#compile(bytes, name, cache);
      },
      open: (opening) => this.#open(opening),
      run: async (number) => {
        const { instance } = this.#held(number);
        const { exitCode } = await this.#telling(number, instance.run());
        return { exitCode };
      },
      call: async (number, name, args) => {
        const { instance } = this.#held(number);
        try {
          return await this.#telling(number, instance.call(name, ...args));
        } finally {
          this.#tell(number);
        }
      },
      exchange: (number, request, head) => this.#exchange(number, request, head),
      done: async (number, request) => {
        const exchange = await this.#held(number)
          .requests.get(request)
          ?.exchange.catch(() => undefined);
        if (exchange !== undefined) await this.#telling(number, exchange.done);
        this.#tell(number);
      },
      responseBody: (number, request) => this.#responseBody(number, request),
      closeResponse: (number, request) => {
        this.#response(number, request).body.stream.close();
        this.#forgetResponse(number, request);
      },
      abort: (number, request) => this.#held(number).requests.get(request)?.abort.abort(),
      idle: (number) => this.#held(number).instance.idle(),
      revoke: (number, grant) => {
        this.#held(number).instance.revoke(grant);
        this.#tell(number);
      },
      files: (number, grant, action) => this.#held(number).instance.files(grant)[action](),
      close: async (number) => this.#instances.get(number)?.instance.close(),
      forget: (number) => {
        this.#instances.delete(number);
      },
    };
  }

  /** Programs hold no state, so a worker keeps them for as long as it lives. */
  #compile(bytes: Uint8Array, name: string, place: CachePlace | undefined): Promise<Compiled> {
    const { machine } = this.#parts;
    const digest = machine.sha256(bytes);
    const known = this.#programs.get(digest);
    if (known !== undefined) return known;
    const cache = place && new CompileCache(machine.openCacheStore(place.directory, place.maxBytes), machine);
    const compiled = compileTarget({ bytes, name, digest }, cache, machine).then((target) => ({
      name,
      digest,
      target,
    }));
    this.#programs.set(digest, compiled);
    return compiled;
  }

  async #open(opening: WireOpening): Promise<{ exports: WireExports; state: WireState }> {
    const { instance: number, id, tenant, budgets, args, digest } = opening;
    const { machine, ask } = this.#parts;
    const program = await this.#programs.get(digest);
    if (program === undefined) throw gone();
    const [name, ...rest] = args;
    const instance = await openInline(
      program.target,
      {
        ...this.#streams(opening),
        bindings: opening.bindings,
        args: rest,
        ...(name !== undefined && { name }),
      },
      {
        id,
        program,
        policy: compilePolicy(normalizePolicy(opening.policy), machine),
        tenant: remoteTenant(tenant, number, budgets, ask, () => machine.monotonicNow()),
        log: remoteLog(number, ask),
        offThreadFrom: opening.offThreadFrom,
        watch: () => undefined,
        // How it ended is known a moment after that.
        leave: () => queueMicrotask(() => this.#tell(number)),
      },
      machine,
    );
    this.#instances.set(number, { instance, requests: new Map() });
    return { exports: namesOf(instance.exports), state: stateOf(instance) };
  }

  async #exchange(number: number, id: number, head: WireRequest): Promise<WireResponse> {
    const { instance, requests } = this.#held(number);
    const host = this.#parts.host();
    const abort = new AbortController();
    const body = pulledBody(
      () => host.request('requestBody', number, id),
      () => host.tell('closeRequest', number, id),
    );
    const exchange = instance.exchange({ ...head, body }, abort.signal);
    const request: Request = { abort, exchange, response: undefined };
    requests.set(id, request);
    try {
      request.response = await (await exchange).answer;
      const { status, headers, contentLength } = request.response;
      return { status, headers, contentLength };
    } catch (error) {
      requests.delete(id);
      throw error;
    } finally {
      this.#tell(number);
    }
  }

  async #responseBody(number: number, id: number): Promise<Chunk> {
    const chunk = await nextChunk(this.#response(number, id).body);
    if ('end' in chunk) this.#forgetResponse(number, id);
    return chunk;
  }

  /** Whoever waits for the call's end has it in hand. */
  #forgetResponse(number: number, id: number): void {
    this.#instances.get(number)?.requests.delete(id);
  }

  #streams({ instance, streams }: WireOpening): {
    stdin: InputSource;
    stdout: OutputTarget;
    stderr: OutputTarget;
  } {
    const output = (stream: 'stdout' | 'stderr'): OutputTarget =>
      streams[stream] ? new RemoteOutput(this.#parts.host(), instance, stream) : 'ignore';
    return {
      stdin: streams.stdin ? this.#input(instance) : 'ignore',
      stdout: output('stdout'),
      stderr: output('stderr'),
    };
  }

  async *#input(instance: number): AsyncGenerator<Uint8Array> {
    const host = this.#parts.host();
    try {
      for (;;) {
        const chunk = await host.request('input', instance);
        if ('end' in chunk) {
          if (chunk.end === 'failed') throw new Error('the input failed');
          return;
        }
        yield chunk.bytes;
      }
    } finally {
      host.tell('closeInput', instance);
    }
  }

  /** What the instance uses is told while the call is under way, too. */
  async #telling<T>(number: number, call: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#tell(number), TELL_EVERY);
    timer.unref();
    try {
      return await call;
    } finally {
      clearInterval(timer);
    }
  }

  /** The host's picture of the instance. */
  #tell(number: number): void {
    const held = this.#instances.get(number);
    if (held !== undefined) this.#parts.host().tell('state', number, stateOf(held.instance));
  }

  #held(number: number): Held {
    const held = this.#instances.get(number);
    if (held === undefined) throw gone();
    return held;
  }

  #response(number: number, request: number): ServedResponse {
    const response = this.#held(number).requests.get(request)?.response;
    if (response === undefined) throw gone();
    return response;
  }
}

function stateOf(instance: InlineInstance): WireState {
  const { outcome } = instance;
  return {
    usage: instance.usage(),
    grants: instance.grants,
    outcome: outcome && outcomeToWire(outcome),
  };
}

function namesOf(exports: Readonly<Record<string, unknown>>): WireExports {
  const names = Object.entries(exports).flatMap(([name, value]): [string, true | WireExports][] => {
    if (typeof value === 'function') return [[name, true]];
    // Memories, tables and globals of a core module stay where they are.
    const isInterface = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
    return isInterface ? [[name, namesOf(value as Record<string, unknown>)]] : [];
  });
  return Object.fromEntries(names);
}

function gone(): InstanceError {
  return new InstanceError('BW_ISOLATION_GONE', 'The worker of the instance does not have it any more.', {
    hint: 'Files of an isolated instance are there until it is closed.',
  });
}
