import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { InstantiateOptions, Outcome } from '../../../src/index.ts';
import { p3Guest } from '../../guests/p3.ts';
import { openGuest } from '../../support/guest-run.ts';
import { heapInUse } from '../../support/resources.ts';

const GUEST = fileURLToPath(new URL('../../../bench/guests/streams.c', import.meta.url));
const MIB = 2 ** 20;

/** What a fast source gives at once, and what the guest asks for. */
const SOURCE_CHUNK = MIB;
const GUEST_BLOCK_KIB = 64;

/** What moving so many bytes cost the host. */
export interface Figures {
  readonly outcome: Outcome;
  /** Bytes that the guest moved, as its usage has it. */
  readonly moved: number;
  /** The most by which source and guest, or guest and sink, were apart: what the host kept for them, in bytes. */
  readonly apart: number;
  /** The most by which this process grew meanwhile, in bytes. */
  readonly growth: Memory;
  readonly seconds: number;
}

type Memory = Readonly<Record<'rss' | 'external' | 'arrayBuffers', number>>;

/** The embedder's end of a flood. */
interface End {
  readonly word: 'stdout' | 'stdin';
  /** Bytes that it took or gave. */
  readonly passed: () => number;
  readonly options: Partial<InstantiateOptions>;
}

/** The ends, by how the guest moves its bytes. `look` is called now and then. */
export const FLOODS: Readonly<Record<string, (bytes: number, look: () => void) => End>> = {
  'to a slow sink': slowSink,
  'from a fast source': fastSource,
};

/** Moves `mebibytes` between a guest of WASI 0.3 and the embedder, and watches the memory of this process. */
export async function flood(direction: string, mebibytes: number): Promise<Figures> {
  const start = FLOODS[direction];
  if (start === undefined) throw new Error(`no such flood: ${direction}`);
  let apart = 0;
  const memory = new MemoryWatch();
  const end = start(mebibytes * MIB, () => {
    apart = Math.max(apart, Math.abs(end.passed() - moved()));
    memory.look();
  });
  const { instance } = await openGuest(await p3Guest(GUEST), 'component', {
    grant: { stdio: { stdin: true, stdout: true }, limits: { memory: '16MiB', handles: 20 } },
    args: [end.word, `${mebibytes}`, `${GUEST_BLOCK_KIB}`],
    ...end.options,
  });
  const moved = (): number => instance.usage()[`${end.word}Bytes`];
  await heapInUse();
  memory.start();
  const started = performance.now();
  const { outcome } = await instance.run();
  const seconds = (performance.now() - started) / 1000;
  return { outcome, moved: moved(), apart, growth: memory.growth, seconds };
}

/** Asks the guest to wait at each chunk, now and then for long. */
function slowSink(_bytes: number, look: () => void): End {
  let passed = 0;
  let chunks = 0;
  const write = async (chunk: Uint8Array): Promise<void> => {
    await (++chunks % 256 === 0 ? delay(5) : turn());
    passed += chunk.length;
    if (chunks % 64 === 0) look();
  };
  return { word: 'stdout', passed: () => passed, options: { stdout: { write } } };
}

/** Has its next chunk at once, always. */
function fastSource(bytes: number, look: () => void): End {
  let passed = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    while (passed < bytes) {
      passed += SOURCE_CHUNK;
      look();
      yield new Uint8Array(SOURCE_CHUNK).fill('x'.charCodeAt(0));
    }
  }
  return { word: 'stdin', passed: () => passed, options: { stdin: chunks() } };
}

class MemoryWatch {
  #base: Memory = process.memoryUsage();
  readonly growth: Record<keyof Memory, number> = { rss: 0, external: 0, arrayBuffers: 0 };

  start(): void {
    this.#base = process.memoryUsage();
  }

  look(): void {
    const now = process.memoryUsage();
    for (const key of ['rss', 'external', 'arrayBuffers'] as const)
      this.growth[key] = Math.max(this.growth[key], now[key] - this.#base[key]);
  }
}
