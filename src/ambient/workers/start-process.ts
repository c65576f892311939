import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { WorkerListener, WorkerOptions, WorkerPort } from '../../virtual/machine.ts';
import { FrameReader, toFrame } from './frames.ts';

/** Packages that the code of a worker loads. */
const PACKAGES = ['canonicalize', 'jsonc-parser', 'modern-tar', 'yauzl', 'pend'] as const;

/** Descriptors of the worker: what it asks goes out through one, what it is answered comes in through the other. */
export const QUESTIONS = 3;
export const ANSWERS = 4;

/** Where race-free paths begin; only descriptors that are open lead anywhere from there. */
const DESCRIPTORS = '/proc/self/fd';

/**
 * Starts a process with the permission model of Node.js, an empty environment, no descriptors of this process, and bounds on its
 * memory and time where there is a shell with `ulimit`.
 */
export function startProcess(options: WorkerOptions, listener: WorkerListener): WorkerPort {
  const child = spawnBounded(
    [...permissionFlags(options), ...heapFlags(options), fileURLToPath(options.entry)],
    options,
  );
  const answers = child.stdio[ANSWERS] as Writable;
  const frames = new FrameReader();
  (child.stdio[QUESTIONS] as Readable).on('data', (piece: Uint8Array) => {
    for (const question of frames.push(piece)) answers.write(toFrame(listener.question(question)));
  });
  // A child that ends has its reasons, which its exit tells.
  for (const stream of [answers, child.stdio[QUESTIONS] as Readable]) stream.on('error', () => undefined);
  child.on('message', (message) => listener.message(message));
  let isGone = false;
  const gone = (reason: string): void => {
    if (!isGone) listener.gone(reason);
    isGone = true;
  };
  child.on('error', (error: NodeJS.ErrnoException) => gone(`error ${error.code ?? error.name}`));
  child.on('exit', (code, signal) => gone(signal === null ? `exit code ${code}` : `signal ${signal}`));
  const port: WorkerPort = {
    post: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    hold: (held) => {
      const how = held ? 'ref' : 'unref';
      child[how]();
      child.channel?.[how]();
      for (const fd of [QUESTIONS, ANSWERS])
        (child.stdio[fd] as Duplex & { ref(): void; unref(): void })[how]();
    },
    terminate: () => void child.kill('SIGKILL'),
  };
  port.hold(false);
  return port;
}

function spawnBounded(args: readonly string[], { memory, cpu }: WorkerOptions): ChildProcess {
  const options: SpawnOptions = {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    cwd: sep,
  };
  if (!existsSync('/bin/sh')) return spawn(process.execPath, args, options);
  // A limit that the system does not know, or that is above what this process has itself, is left out.
  const limits = `ulimit -d ${Math.ceil(memory / 1024)} 2>/dev/null; ulimit -t ${cpu} 2>/dev/null; ulimit -c 0 2>/dev/null`;
  return spawn('/bin/sh', ['-c', `${limits}; exec "$@"`, 'sh', process.execPath, ...args], options);
}

function heapFlags({ heap }: WorkerOptions): string[] {
  return [`--max-old-space-size=${heap >> 20}`];
}

/** Flags that this version of Node.js does not have are left out: it does not restrict what they would allow. */
function permissionFlags({ entry, readable, writable, network }: WorkerOptions): string[] {
  const files = readable.length + writable.length > 0 ? [DESCRIPTORS] : [];
  const flags = [
    '--permission',
    ...[...codeFolders(entry), ...files, ...readable, ...writable].map((path) => `--allow-fs-read=${path}`),
    ...[...(writable.length > 0 ? files : []), ...writable].map((path) => `--allow-fs-write=${path}`),
  ];
  const known = process.allowedNodeEnvironmentFlags;
  return network && known.has('--allow-net') ? [...flags, '--allow-net'] : flags;
}

/** @returns Bailiwick's own folder, and those of the packages that it needs */
function codeFolders(entry: URL): string[] {
  const root = packageFolder(fileURLToPath(entry));
  const require = createRequire(entry);
  const packages = PACKAGES.flatMap((name) => {
    const found = require.resolve
      .paths(name)
      ?.map((folder) => join(folder, name))
      .find((folder) => existsSync(folder));
    return found === undefined ? [] : [found, realpathSync(found)];
  });
  return [...new Set([root, realpathSync(root), ...packages])];
}

function packageFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
