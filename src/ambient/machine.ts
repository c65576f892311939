import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Machine } from '../virtual/machine.ts';
import { openAppendFile } from './append-file.ts';
import { DirectoryCacheStore, defaultCacheDirectory } from './cache-store.ts';
import { monotonicNow, monotonicU64, sleep, wallNow } from './clocks.ts';
import { HostVolume } from './host-volume.ts';
import { openInput } from './input.ts';
import { openOutput } from './output.ts';
import { fillRandom } from './random.ts';
import { startProcess } from './workers/start-process.ts';
import { startThread } from './workers/start-thread.ts';

/** This machine, through Node.js. */
export const nodeMachine: Machine = {
  monotonicNow,
  monotonicU64,
  wallNow,
  sleep,
  fillRandom,
  openHostVolume: (directory, options) => new HostVolume(directory, options),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  readFile,
  // What reads archives and walks trees loads with the first image.
  loadImage: async (source, options) => (await import('./archive-load.ts')).loadImage(source, options),
  copyDirectory: async (path, options) => (await import('./archive-load.ts')).copyDirectory(path, options),
  openOutput,
  openInput,
  openAppendFile,
  // So does what speaks to the network.
  openNetwork: async (options) => (await import('./network/open-network.ts')).openNetwork(options),
  openCacheStore: (directory, maxBytes) =>
    new DirectoryCacheStore(directory ?? defaultCacheDirectory(), maxBytes),
  processors: availableParallelism(),
  startWorker: (level, options, listener) =>
    level === 'thread' ? startThread(options, listener) : startProcess(options, listener),
  resolvePath: resolve,
};
