import type { AdjustedCore } from './adjust-core.ts';
import { compileMetered } from './cpu/metered-module.ts';

/** Makes something of a program's core modules. They are in the program's order. */
type Make<Made> = (modules: readonly WebAssembly.Module[]) => Made;

/**
 * The core modules of one program as V8 has compiled them: as they are, and, from the first instance on that asks for it, with
 * code that counts what they execute.
 */
export class CoreVariants<Made> {
  readonly #cores: readonly AdjustedCore[];
  readonly #plain: Made;
  readonly #make: Make<Made>;
  #metered: Promise<Made> | undefined;

  /** @param plain made of the cores as they are */
  constructor(cores: readonly AdjustedCore[], plain: Made, make: Make<Made>) {
    this.#cores = cores;
    this.#plain = plain;
    this.#make = make;
  }

  /** @throws ProgramError BW_PROGRAM_UNSUPPORTED when the program cannot be metered */
  for({ isMetered }: { readonly isMetered: boolean }): Made | Promise<Made> {
    return isMetered ? (this.#metered ??= this.#meter()) : this.#plain;
  }

  async #meter(): Promise<Made> {
    return this.#make(await Promise.all(this.#cores.map(({ bytes }) => compileMetered(bytes))));
  }
}
