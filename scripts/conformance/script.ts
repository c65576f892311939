/**
 * What a test for 0.3 has happen: steps in order, and HTTP servers that the program may talk to. The suite describes them in
 * its runner alone (test-runner/wasi_test_runner/test_case.py).
 */
import { dirname } from 'node:path';
import {
  asObject,
  isStrings,
  type JsonObject,
  onlyKeys,
  parseObject,
  readExitCode,
  readOptional,
  readRun,
  readText,
  SpecificationError,
  unsupported,
} from './specification.ts';

export interface Script {
  readonly world: 'wasi:cli/command' | 'wasi:http/service';
  readonly servers: readonly ServerScript[];
  readonly run: RunStep;
  readonly steps: readonly Step[];
}

export interface RunStep {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly root: string | undefined;
}

export type Step =
  | { readonly type: 'read'; readonly id: 'stdout' | 'stderr'; readonly payload: string }
  | { readonly type: 'write'; readonly payload: string }
  /** The program says its address on standard output. */
  | { readonly type: 'connect'; readonly id: string }
  | { readonly type: 'send' | 'recv'; readonly id: string; readonly payload: string }
  | ({ readonly type: 'request' } & RequestStep)
  | { readonly type: 'kill'; readonly signal: NodeJS.Signals }
  | { readonly type: 'wait'; readonly exitCode: number };

export interface RequestStep {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly response: Pick<EndpointResponse, 'status' | 'headers' | 'body'>;
}

export interface ServerScript {
  /** The program finds the address in the variable `HTTP_SERVER_` and this, in capitals. */
  readonly name: string;
  /** Nothing listens at its address. */
  readonly isClosed: boolean;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly mode: 'static' | 'echo-body' | 'echo-headers';
  readonly response: EndpointResponse;
}

export interface EndpointResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** In place of a body of known length. */
  readonly chunks: readonly string[] | undefined;
  readonly trailers: Readonly<Record<string, string>>;
}

/** @param file may be missing: then the program runs and ends with 0. @throws SpecificationError */
export async function readScript(file: string): Promise<Script> {
  const json = parseObject(await readOptional(file));
  const isNew = ['operations', 'proposals', 'world', 'servers'].some((key) => key in json);
  return isNew ? readSteps(json, dirname(file)) : readObject(json, dirname(file));
}

function readObject(json: JsonObject, folder: string): Script {
  onlyKeys(json, ['args', 'root', 'env', 'exit_code', 'stderr', 'stdout'], 'the file');
  const reads = (['stdout', 'stderr'] as const).filter((id) => id in json);
  return {
    world: 'wasi:cli/command',
    servers: [],
    run: readRun(json, folder),
    steps: [
      ...reads.map((id) => ({ type: 'read', id, payload: readText(json, id) }) as const),
      { type: 'wait', exitCode: readExitCode(json) },
    ],
  };
}

function readSteps(json: JsonObject, folder: string): Script {
  onlyKeys(json, ['operations', 'proposals', 'world', 'servers'], 'the file');
  const { proposals = [], world = 'wasi:cli/command' } = json;
  if (!isStrings(proposals) || proposals.some((each) => each !== 'http' && each !== 'sockets'))
    throw unsupported('proposals', proposals);
  if (world !== 'wasi:cli/command' && world !== 'wasi:http/service') throw unsupported('world', world);
  const [run, ...steps] = readList(json, 'operations');
  if (run?.['type'] !== 'run' || steps.at(-1)?.['type'] !== 'wait')
    throw new SpecificationError('the operations do not start with `run` and end with `wait`');
  onlyKeys(run, ['type', 'args', 'env', 'root'], '`run`');
  return {
    world,
    servers: readList(json, 'servers').map(readServer),
    run: readRun(run, folder),
    steps: steps.map(readStep),
  };
}

function readStep(json: JsonObject): Step {
  const { type } = json;
  switch (type) {
    case 'read':
      return { ...readPayload(json, 'stdout'), type, id: readStreamId(json) };
    case 'write':
      return { ...readPayload(json, 'stdin'), type };
    case 'connect':
      onlyKeys(json, ['type', 'id', 'protocol_type'], '`connect`');
      if ((json['protocol_type'] ?? 'tcp') !== 'tcp') throw unsupported('protocol', json['protocol_type']);
      return { type, id: readText(json, 'id') };
    case 'send':
    case 'recv':
      return { ...readPayload(json, 'server'), type };
    case 'request':
      return { type, ...readRequest(json) };
    case 'kill':
      onlyKeys(json, ['type', 'signal'], '`kill`');
      return { type, signal: readText(json, 'signal') as NodeJS.Signals };
    case 'wait':
      onlyKeys(json, ['type', 'exit_code'], '`wait`');
      return { type, exitCode: readExitCode(json) };
    default:
      throw unsupported('operation', type);
  }
}

function readPayload(json: JsonObject, id: string): { readonly id: string; readonly payload: string } {
  onlyKeys(json, ['type', 'id', 'payload'], `\`${String(json['type'])}\``);
  return { id: 'id' in json ? readText(json, 'id') : id, payload: readText(json, 'payload') };
}

function readStreamId({ id = 'stdout' }: JsonObject): 'stdout' | 'stderr' {
  if (id !== 'stdout' && id !== 'stderr') throw unsupported('id of `read`', id);
  return id;
}

function readRequest(json: JsonObject): RequestStep {
  onlyKeys(json, ['type', 'method', 'path', 'headers', 'body', 'response'], '`request`');
  return {
    method: 'method' in json ? readText(json, 'method') : 'GET',
    path: 'path' in json ? readText(json, 'path') : '/',
    headers: readTexts(json, 'headers'),
    body: readText(json, 'body'),
    response: readResponse(json['response'] ?? {}),
  };
}

function readServer(json: JsonObject): ServerScript {
  onlyKeys(json, ['name', 'kind', 'endpoints'], 'a server');
  const { kind = 'listening' } = json;
  if (kind !== 'listening' && kind !== 'closed') throw unsupported('server', kind);
  return {
    name: readText(json, 'name'),
    isClosed: kind === 'closed',
    endpoints: readList(json, 'endpoints').map(readEndpoint),
  };
}

function readEndpoint(json: JsonObject): Endpoint {
  onlyKeys(json, ['method', 'path', 'mode', 'response'], 'an endpoint');
  const { mode = 'static' } = json;
  if (mode !== 'static' && mode !== 'echo-body' && mode !== 'echo-headers') throw unsupported('mode', mode);
  return {
    method: readText(json, 'method'),
    path: readText(json, 'path'),
    mode,
    response: readResponse(json['response'] ?? {}),
  };
}

function readResponse(value: unknown): EndpointResponse {
  const json = asObject(value, '`response`');
  onlyKeys(json, ['status', 'headers', 'body', 'chunks', 'trailers'], '`response`');
  const { status = 200, chunks } = json;
  if (typeof status !== 'number') throw unsupported('status', status);
  if (chunks !== undefined && !isStrings(chunks)) throw unsupported('chunks', chunks);
  return {
    status,
    headers: readTexts(json, 'headers'),
    body: readText(json, 'body'),
    chunks,
    trailers: readTexts(json, 'trailers'),
  };
}

function readTexts(json: JsonObject, key: string): Readonly<Record<string, string>> {
  const texts = asObject(json[key] ?? {}, `\`${key}\``);
  if (!isStrings(Object.values(texts)))
    throw new SpecificationError(`\`${key}\` has values that are no strings`);
  return texts as Readonly<Record<string, string>>;
}

function readList(json: JsonObject, key: string): JsonObject[] {
  const list = json[key] ?? [];
  if (!Array.isArray(list)) throw new SpecificationError(`\`${key}\` is no list`);
  return list.map((each) => asObject(each, `one of \`${key}\``));
}
