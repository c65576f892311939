import { MessageChannel, Worker } from 'node:worker_threads';
import type { WorkerListener, WorkerOptions, WorkerPort } from '../../virtual/machine.ts';
import type { ThreadData } from './connect-to-host.ts';

/** Bytes of stack of a thread: about as many calls deep as on the host's own. */
const STACK_MIB = 4;

/** Starts a thread without the environment and the standard streams of this process. */
export function startThread({ entry, heap }: WorkerOptions, listener: WorkerListener): WorkerPort {
  const { port1: answers, port2: answered } = new MessageChannel();
  const count = new Int32Array(new SharedArrayBuffer(4));
  const data: ThreadData = { answered, count };
  const worker = new Worker(entry, {
    workerData: data,
    transferList: [answered],
    env: {},
    execArgv: [],
    argv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    trackUnmanagedFds: true,
    resourceLimits: { maxOldGenerationSizeMb: heap >> 20, stackSizeMb: STACK_MIB },
  });
  let reason: string | undefined;
  worker.on('message', (message: { readonly question?: unknown }) => {
    if (!('question' in message)) {
      listener.message(message);
      return;
    }
    answers.postMessage(listener.question(message.question), []);
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
  worker.on('error', (error: Error & { code?: string }) => (reason = error.code ?? error.name));
  worker.on('exit', (code) => {
    answers.close();
    listener.gone(reason ?? `exit code ${code}`);
  });
  // Nobody reads what comes from `worker.stdout` and `worker.stderr`, to which no guest writes: reading would keep this process from
  // ending, whatever `unref` says.
  answers.unref();
  worker.unref();
  return {
    post: (message) => worker.postMessage(message, []),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
