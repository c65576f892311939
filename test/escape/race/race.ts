import { Engine } from '../../../src/index.ts';
import { guest } from '../../guests/index.ts';
import { Attacker } from './attacker.ts';
import { runPeer } from './peer.ts';

/** What a guest said of its race. */
export interface Race {
  readonly who: string;
  readonly attempts: number;
  /** Times it met the inside, and times it was refused: an attack that worked shows both. */
  readonly inside: number;
  readonly refused: number;
  /** Times it saw the outside, and whether anything there changed. */
  readonly escapes: number;
  readonly changed: readonly string[];
}

/**
 * Races guests of WASI 0.1 and 0.2 against an attacker, and after them the same component over preview2-shim, of which
 * it is known that the attack works.
 *
 * @param milliseconds all together
 */
export async function race(milliseconds: number): Promise<Race[]> {
  const { module, component } = await guest('race');
  const share = String(Math.ceil(milliseconds / 3));
  await using attacker = await Attacker.start();
  const races: Race[] = [];
  for (const [who, run] of [
    ['WASI 0.1', () => runOurs(module, attacker.jail, share)],
    ['WASI 0.2', () => runOurs(component, attacker.jail, share)],
    ['preview2-shim', () => runPeer(component, attacker.jail, [share])],
  ] as const) {
    const before = attacker.outside();
    const said = await run();
    const after = attacker.outside();
    const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
    races.push({ who, ...counts(said), changed });
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (!attacker.running) throw new Error('the attacker gave up');
  }
  return races;
}

async function runOurs(bytes: Uint8Array, jail: string, share: string): Promise<string> {
  const program = await new Engine({ cache: false }).compile(bytes, { name: 'race.wasm' });
  const chunks: Uint8Array[] = [];
  await using instance = await program.instantiate({
    policy: {
      version: 1,
      arguments: true,
      stdio: { stdin: false, stdout: true, stderr: false },
      clocks: { monotonic: { resolution: '1ms' } },
      filesystem: [{ id: 'jail', mount: '/', host: 'jail', access: ACCESS }],
    },
    tenant: 'racer',
    bindings: { directories: { jail } },
    args: [share],
    stdout: { write: (chunk: Uint8Array) => void chunks.push(chunk) },
  });
  const { exitCode } = await instance.run();
  if (exitCode !== 0) throw new Error(`the guest ended with ${exitCode}`);
  return Buffer.concat(chunks).toString();
}

const ACCESS = ['read', 'list', 'create', 'write', 'delete', 'rename', 'link'] as const;

function counts(said: string): Pick<Race, 'attempts' | 'inside' | 'refused' | 'escapes'> {
  const value = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(said)?.[1]);
  return {
    attempts: value('attempts'),
    inside: value('inside'),
    refused: value('refused'),
    escapes: value('escapes'),
  };
}
