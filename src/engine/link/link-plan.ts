import type { Canon, CoreFunction, Lowering, Realloc } from '../../../shims/preview2/abi/lowering.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';
import { trap } from '../../../shims/preview2/abi/trap.ts';
import { Context } from '../../../shims/preview2/context.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import { GuestMemory } from '../../../shims/guest-memory.ts';
import type { Executor, GuestFunction } from '../../virtual/executor.ts';
import type { LinkedComponent, LinkOptions } from './linked-component.ts';
import type { ExportRef, LinkPlan, PlannedImport } from './plan.ts';

/** The functions of a plan looked up once, so that an instance only makes closures and objects. */
interface PreparedInstance {
  readonly core: number;
  readonly module: WebAssembly.Module;
  readonly imports: readonly (readonly [module: string, entries: readonly PreparedImport[]])[];
  /** Canons whose memory or realloc this instance exports. */
  readonly memories: readonly (readonly [canon: number, name: string])[];
  readonly reallocs: readonly (readonly [canon: number, name: string])[];
}

interface PreparedImport {
  readonly name: string;
  readonly from: ExportRef | undefined;
  readonly lowering: Lowering | undefined;
  readonly canon: number;
  readonly drop: Resource | undefined;
}

/** Canonical options that are filled in as the instances come to be that export them. */
class PlanCanon implements Canon {
  readonly memory = new GuestMemory();
  realloc: Realloc = () => trap('realloc is called before it exists');
  readonly handles: Canon['handles'];

  constructor(handles: Canon['handles']) {
    this.handles = handles;
  }
}

/** Links by a plan: the fast way, without jco's glue. */
export class PlanLinker {
  readonly #instances: readonly PreparedInstance[];
  readonly #canons: number;
  readonly #run: ExportRef;

  constructor(plan: LinkPlan, modules: readonly WebAssembly.Module[]) {
    this.#canons = plan.canons.length;
    this.#run = plan.run;
    this.#instances = plan.instances.map(({ core, imports }, index) => {
      const byModule = Map.groupBy(imports, ([module]) => module);
      return {
        core,
        module: modules[core] as WebAssembly.Module,
        imports: [...byModule].map(([module, entries]) => [
          module,
          entries.map(([, name, source]) => prepare(name, source)),
        ]),
        memories: plan.canons.flatMap(({ memory }, canon) =>
          memory?.[0] === index ? [[canon, memory[1]] as const] : [],
        ),
        reallocs: plan.canons.flatMap(({ realloc }, canon) =>
          realloc?.[0] === index ? [[canon, realloc[1]] as const] : [],
        ),
      };
    });
  }

  link({ host, executor, adjustImports }: LinkOptions): LinkedComponent {
    const context = new Context(host);
    const canons = Array.from({ length: this.#canons }, () => new PlanCanon(context.resources));
    const exports: WebAssembly.Exports[] = [];
    for (const instance of this.#instances) {
      const imports = linkImports(instance, { context, executor, canons, exports });
      adjustImports?.(instance.core, imports);
      const made = executor.instantiate(instance.module, imports).exports;
      exports.push(made);
      for (const [canon, name] of instance.memories)
        canons[canon]?.memory.bind(made[name] as WebAssembly.Memory);
      for (const [canon, name] of instance.reallocs)
        (canons[canon] as PlanCanon).realloc = made[name] as Realloc;
    }
    const core = exports[this.#run[0]]?.[this.#run[1]] as GuestFunction;
    const enter = executor.promising(core);
    const run = async (): Promise<number> => {
      const result = await enter();
      return result === 0 || result === 1 ? result : trap('run gave a result that is neither ok nor err');
    };
    return { run, exports: { run: { run } }, dispose: () => context.dispose() };
  }
}

interface Linking {
  readonly context: Context;
  readonly executor: Executor;
  readonly canons: readonly PlanCanon[];
  readonly exports: readonly WebAssembly.Exports[];
}

function linkImports(instance: PreparedInstance, linking: Linking): WebAssembly.Imports {
  const imports = {} as WebAssembly.Imports;
  for (const [module, entries] of instance.imports) {
    const values = {} as WebAssembly.ModuleImports;
    for (const entry of entries) values[entry.name] = linkImport(entry, linking);
    imports[module] = values;
  }
  return imports;
}

function linkImport(
  { from, lowering, canon, drop }: PreparedImport,
  linking: Linking,
): WebAssembly.ImportValue {
  const { context, executor, canons, exports } = linking;
  if (from !== undefined) return exports[from[0]]?.[from[1]] as WebAssembly.ImportValue;
  if (lowering !== undefined) {
    const fn: CoreFunction = lowering.lower(context, canons[canon] as PlanCanon);
    return lowering.blocking === true ? executor.suspending(fn) : fn;
  }
  if (drop !== undefined) return (handle: number) => context.drop(drop, handle);
  return () => trap('a handle of a resource that does not exist is dropped');
}

function prepare(name: string, source: PlannedImport): PreparedImport {
  const prepared = { name, from: undefined, lowering: undefined, canon: 0, drop: undefined };
  switch (source.kind) {
    case 'export':
      return { ...prepared, from: source.from };
    case 'function':
      return { ...prepared, lowering: LOWERINGS.get(source.interface)?.[source.name], canon: source.canon };
    case 'drop':
      return { ...prepared, drop: source.resource };
    case 'unreachable':
      return prepared;
  }
}
