import { readSync, writeSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LENGTH_BYTES, toFrame } from './frames.ts';
import { ANSWERS, QUESTIONS } from './start-process.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly answered: MessagePort;
  /** Answers so far. */
  readonly count: Int32Array;
}

/** The worker's end. */
export interface HostPort {
  post(message: unknown): void;
  /** Stands still until the host has answered. @throws when it is gone */
  ask(question: unknown): unknown;
  onMessage(listener: (message: unknown) => void): void;
}

/** Connects a module that `startWorker` started to who started it. */
export function connectToHost(): HostPort {
  return parentPort === null ? processPort() : threadPort(parentPort);
}

function threadPort(port: MessagePort): HostPort {
  const { answered, count } = workerData as ThreadData;
  return {
    post: (message) => port.postMessage(message),
    ask(question) {
      const before = Atomics.load(count, 0);
      port.postMessage({ question });
      Atomics.wait(count, 0, before);
      return (receiveMessageOnPort(answered) as { readonly message: unknown }).message;
    },
    onMessage: (listener) => void port.on('message', listener),
  };
}

function processPort(): HostPort {
  // An interrupt at the terminal is for the host, which ends its instances as it sees fit.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  return {
    post: (message) => void process.send?.(message),
    ask(question) {
      writeAll(toFrame(question));
      const length = new DataView(read(LENGTH_BYTES).buffer).getUint32(0, true);
      return deserialize(read(length)) as unknown;
    },
    onMessage: (listener) => void process.on('message', listener),
  };
}

function writeAll(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(QUESTIONS, bytes, done);
}

function read(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(ANSWERS, bytes, done, length - done, null);
    if (count === 0) throw new Error('the host is gone');
    done += count;
  }
  return bytes;
}
