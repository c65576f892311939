import { nodeMachine } from '../ambient/machine.ts';
import { ProgramError } from '../errors.ts';
import type { Section } from '../kernel/request.ts';
import { capabilitiesOf } from './capabilities.ts';
import { readComponentHeader, readCoreModules } from './component-header.ts';
import { type BinaryKind, detect } from './detect.ts';
import { unsupported, versionsOf } from './wasi-versions.ts';

/** What a program is and what it can ask for, read from its outer wall; none of its code runs. */
export interface Inspection {
  readonly kind: BinaryKind;
  /**
   * `command`: it has an entry of its own; `handler`: it answers HTTP requests; `reactor`: it is initialised and called;
   * `library`: it is only called.
   */
  readonly shape: 'command' | 'handler' | 'reactor' | 'library';
  /** Versions of WASI that it imports: `0.0` (`wasi_unstable`), `0.1`, `0.2.6`, … */
  readonly wasi: readonly string[];
  readonly size: number;
  /** Lower-case hexadecimal, as the log names programs. */
  readonly sha256: string;
  /** The core modules inside a component, at any depth: the same code shows by its digest whatever is wrapped around it. */
  readonly coreModules: readonly CoreModuleDigest[];
  /** Sections of a policy that it can make use of. */
  readonly capabilities: readonly Section[];
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** False when this release cannot run it; `reason` says why. */
  readonly supported: boolean;
  readonly reason?: string;
}

export interface CoreModuleDigest {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Looks at a program.
 *
 * @param name how messages name it
 * @throws ProgramError when the bytes are no WebAssembly, or broken
 */
export function inspect(bytes: Uint8Array, name = 'program.wasm'): Inspection {
  const kind = detect(bytes, name);
  const { imports, exports } = kind === 'module' ? readModule(bytes, name) : readComponentHeader(bytes);
  const wasi = versionsOf(imports, exports);
  const reason = unsupported(wasi);
  return {
    kind,
    shape: shapeOf(exports),
    wasi,
    ...digestOf(bytes),
    coreModules: kind === 'component' ? readCoreModules(bytes).map(digestOf) : [],
    capabilities: capabilitiesOf(imports),
    imports,
    exports,
    supported: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}

function digestOf(bytes: Uint8Array): CoreModuleDigest {
  return { size: bytes.length, sha256: nodeMachine.sha256(bytes) };
}

function readModule(bytes: Uint8Array, name: string): { imports: string[]; exports: string[] } {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `${name} is not a valid WebAssembly module: ${String(cause)}`,
      { cause },
    );
  }
  return {
    imports: WebAssembly.Module.imports(module).map((each) => `${each.module}.${each.name}`),
    exports: WebAssembly.Module.exports(module).map((each) => each.name),
  };
}

/** Of WASI 0.2, and of 0.3. */
const HANDLER = /^wasi:http\/(?:incoming-)?handler@/;

function shapeOf(exports: readonly string[]): Inspection['shape'] {
  if (exports.some((name) => name === '_start' || name.startsWith('wasi:cli/run'))) return 'command';
  if (exports.some((name) => HANDLER.test(name))) return 'handler';
  return exports.includes('_initialize') ? 'reactor' : 'library';
}
