import { resolve } from 'node:path';
import { BailiwickError, UsageError } from '../errors.ts';
import { AuditLog, Engine, type IsolationOptions, jsonLinesSink, MemorySink } from '../index.ts';
import {
  type Answer,
  type Failure,
  type MetricsServer,
  type Route,
  serve,
  serveMetrics,
  type ServeOptions,
  type Server,
} from '../serve/index.ts';
import type { CliIo } from './io.ts';
import { isOfWorker } from './report-error.ts';
import { type RouteEntry, parseRoutes } from './routes-file.ts';
import { bindingsOf } from './run-bindings.ts';
import { makeRunPolicy } from './run-policy.ts';
import { type GrantFlags, parseGrantFlags } from './run-flags.ts';
import { parseServeFlags, type ServeFlags } from './serve-flags.ts';
import { terminalText } from './terminal-text.ts';

/** Milliseconds that running requests get when the server is to end. */
const GRACE = 10_000;

/** Workers of one level, unless the user says how many requests are at work. */
const MAX_WORKERS = 16;

/** `bailiwick serve`: answers requests until SIGINT or SIGTERM. */
export async function serveCommand(args: readonly string[], io: CliIo): Promise<number> {
  const flags = parseServeFlags(args);
  const { audit: file, useCache } = flags.grants;
  using audit = new AuditLog([file === undefined ? new MemorySink() : jsonLinesSink(file)]);
  const engine = new Engine({ audit, isolation: poolsOf(flags), ...(useCache ? {} : { cache: false }) });
  const server = await serve(optionsOf(flags, await routesOf(flags, engine, io), io));
  await using metrics = await metricsOf(engine, server, flags);
  io.stderr.write(`Serving HTTP on ${server.url}\n`);
  if (metrics !== undefined) io.stderr.write(`Serving metrics on ${metrics.url}\n`);
  await untilStopped(server, flags.grace ?? GRACE);
  return 0;
}

/**
 * Each instance has a worker to itself, so a worker for each request at work is the most that there can be use for. One takes tens of
 * megabytes: where the user has not said how many requests, those beyond {@link MAX_WORKERS} wait.
 */
function poolsOf({ maxConcurrent = MAX_WORKERS }: ServeFlags): IsolationOptions {
  return { thread: { max: maxConcurrent }, process: { max: maxConcurrent } };
}

/** Without its metrics it does not run at all: who asked for them would learn of nothing that happens. */
async function metricsOf(
  engine: Engine,
  server: Server,
  { metrics }: ServeFlags,
): Promise<MetricsServer | undefined> {
  if (metrics === undefined) return undefined;
  try {
    return await serveMetrics(engine, metrics);
  } catch (error) {
    await server.close({ grace: 0 });
    throw error;
  }
}

function optionsOf(flags: ServeFlags, routes: readonly Route[], io: CliIo): ServeOptions {
  const { host, port, reuse, maxConcurrent, maxBody, verbose } = flags;
  return {
    routes,
    host,
    port,
    ...(reuse !== undefined && { reuse }),
    ...(maxConcurrent !== undefined && { maxConcurrent }),
    ...(maxBody !== undefined && { maxBodyBytes: maxBody }),
    ...(verbose && { onAnswer: (answer) => io.stderr.write(describeAnswer(answer)) }),
    onFailure: (failure) => io.stderr.write(describeFailure(failure)),
  };
}

async function routesOf(flags: ServeFlags, engine: Engine, io: CliIo): Promise<readonly Route[]> {
  if (flags.routes === undefined)
    return [await routeOf(flags.program as string, flags.grants, {}, engine, io)];
  const entries = parseRoutes(await readRoutes(flags.routes, io), flags.routes);
  return Promise.all(
    entries.map((entry) => {
      const { policy, tenant, isolation } = entry;
      // Secrets, name servers and the log are for all.
      const grants: GrantFlags = { ...flags.grants, ...withoutGrants(), policy, tenant, isolation };
      return routeOf(entry.program, grants, entry, engine, io);
    }),
  );
}

function withoutGrants(): Pick<GrantFlags, 'directories' | 'environment'> {
  const { directories, environment } = parseGrantFlags({});
  return { directories, environment };
}

async function routeOf(
  program: string,
  grants: GrantFlags,
  { host, path }: Partial<Pick<RouteEntry, 'host' | 'path'>>,
  engine: Engine,
  io: CliIo,
): Promise<Route> {
  const runPolicy = await makeRunPolicy(grants, io);
  return {
    program: await engine.compile(resolve(io.cwd, program)),
    policy: runPolicy.policy,
    tenant: grants.tenant,
    isolation: grants.isolation,
    bindings: bindingsOf(runPolicy, grants, io),
    stdout: 'inherit',
    stderr: 'inherit',
    ...(host !== undefined && { host }),
    ...(path !== undefined && { path }),
  };
}

async function readRoutes(file: string, io: CliIo): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await io.readFile(resolve(io.cwd, file)));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new UsageError(
      'BW_ROUTES_UNREADABLE',
      `The routes ${JSON.stringify(file)} cannot be read: ${code}.`,
      {
        cause,
      },
    );
  }
}

/** The first signal lets running requests finish, the second one ends them. */
async function untilStopped(server: Server, grace: number): Promise<void> {
  const { promise: stopped, resolve: finish } = Promise.withResolvers<void>();
  let asked = false;
  const stop = (): void => {
    void server.close({ grace: asked ? 0 : grace }).then(finish);
    asked = true;
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    await stopped;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

function describeAnswer({ method, path, status, tenant, time }: Answer): string {
  return `${terminalText(`${status} ${method} ${path} ${time.toFixed(1)}ms ${tenant ?? 'default'}`)}\n`;
}

/** What the client is not told. */
function describeFailure({ method, path, program, error }: Failure): string {
  const reason = error instanceof BailiwickError && isOfWorker(error.cause) ? error.cause : error;
  const why =
    reason instanceof BailiwickError ? `[${reason.code}]: ${reason.message}` : `: ${String(reason)}`;
  return `bailiwick: ${terminalText(`${program}, ${method} ${path}: error${why}`)}\n`;
}
