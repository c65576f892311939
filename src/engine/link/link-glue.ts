import type { Handle } from '../../../shims/preview2/http/incoming-handler.ts';
import { isServed, type Preview2, preview2 } from '../../../shims/preview2/preview2.ts';
import type { Executor, GuestFunction, HostFunction } from '../../virtual/executor.ts';
import { importObject } from '../import-object.ts';
import { type Glue, isErrCase, webAssemblyWith } from './glue.ts';
import { Lifts } from './lifts.ts';
import type { LinkedComponent, LinkOptions } from './linked-component.ts';

/** Links through jco's glue: the general way. */
export class GlueLinker {
  readonly #glue: Glue;
  readonly #modules: ReadonlyMap<string, WebAssembly.Module>;
  readonly #cores: readonly WebAssembly.Module[];
  readonly #interfaces: readonly string[];

  /** @param interfaces what the component imports, without versions */
  constructor(glue: Glue, modules: ReadonlyMap<string, WebAssembly.Module>, interfaces: readonly string[]) {
    this.#glue = glue;
    this.#modules = modules;
    this.#cores = [...modules.values()];
    this.#interfaces = interfaces;
  }

  link({ host, executor, imports = {}, adjustImports }: LinkOptions): LinkedComponent {
    const wasi = preview2(host, executor, this.#interfaces.filter(isServed));
    const instantiate = this.#glue(
      webAssemblyOf(executor),
      new Lifts((limit, value) => host.guard.limited(limit, value)),
    );
    const exports = instantiate(
      (name) => this.#modules.get(name) as WebAssembly.Module,
      importObject([...Object.entries(imports), ...Object.entries(wasi.imports)]),
      (module, given = {}) => {
        adjustImports?.(this.#cores.indexOf(module), given);
        return executor.instantiate(module, given);
      },
    );
    return {
      run: commandOf(exports),
      handle: handlerOf(exports, wasi),
      exports,
      dispose: () => wasi.dispose(),
    };
  }
}

/** WebAssembly as the glue uses it, with the executor's ways in and out of the guest. */
function webAssemblyOf(executor: Executor): object {
  return webAssemblyWith({
    // For the glue's own helper modules, which call between components without a JavaScript frame.
    // `new` on a function that returns an object gives that object.
    Instance: function (module: WebAssembly.Module, imports: WebAssembly.Imports = {}) {
      return executor.instantiate(module, imports);
    },
    Suspending: function (fn: HostFunction) {
      return executor.suspending(fn);
    },
    promising: (fn: GuestFunction): unknown => executor.promising(fn),
  });
}

function handlerOf(exports: Readonly<Record<string, unknown>>, wasi: Preview2): Handle | undefined {
  const name = Object.keys(exports).find((each) => each.startsWith('wasi:http/incoming-handler@'));
  if (name === undefined) return undefined;
  const { handle } = exports[name] as { readonly handle: Parameters<Preview2['handler']>[0] };
  return wasi.handler(handle);
}

function commandOf(exports: Readonly<Record<string, unknown>>): (() => Promise<number>) | undefined {
  const name = Object.keys(exports).find((each) => each.startsWith('wasi:cli/run@'));
  if (name === undefined) return undefined;
  const { run } = exports[name] as { readonly run: () => Promise<void> };
  return async () => {
    try {
      await run();
      return 0;
    } catch (thrown) {
      if (isErrCase(thrown)) return 1;
      throw thrown;
    }
  };
}
