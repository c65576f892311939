import { type Canon, type Realloc, suspends } from '../../../shims/preview2/abi/lowering.ts';
import { trap } from '../../../shims/trap.ts';
import { Context } from '../../../shims/preview2/context.ts';
import { admitRequest } from '../../../shims/preview2/http/incoming-handler.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import type { GuestMemory } from '../../../shims/guest-memory.ts';
import { INSTANCE_ENDED } from '../../virtual/host.ts';
import type { Executor, GuestFunction } from '../../virtual/executor.ts';
import { MEMORY_MODULE } from '../core-memory.ts';
import { importObject } from '../import-object.ts';
import type { LinkedComponent, LinkOptions } from './linked-component.ts';
import type { ExportRef, LinkPlan, PlannedImport } from './plan.ts';
import { shorten } from './shorten.ts';
import { trampoline } from './trampoline.ts';

/** What is known of an instance before it exists, so that linking only makes closures and objects. */
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
  readonly make: (linking: Linking) => WebAssembly.ImportValue;
}

/** One component on its way to stand in memory. */
interface Linking {
  readonly context: Context;
  readonly executor: Executor;
  readonly canons: readonly PlanCanon[];
  /** Of the instances so far. */
  readonly exports: WebAssembly.Exports[];
  /** Import objects, as far as `adjustImports` filled them. */
  readonly given: readonly WebAssembly.Imports[];
  /** Trampolines whose function does not exist yet. */
  readonly late: {
    readonly from: ExportRef;
    readonly filler: WebAssembly.Module;
    readonly table: WebAssembly.ImportValue;
  }[];
}

/** Canonical options that are filled in as the instances come to be that export them. */
class PlanCanon implements Canon {
  readonly memory: GuestMemory;
  realloc: Realloc = () => trap('realloc is called before it exists');
  readonly handles: Canon['handles'];

  constructor(context: Context) {
    this.memory = context.newMemory();
    this.handles = context.resources;
  }
}

/** Links by a plan: the fast way, without jco's glue. */
export class PlanLinker {
  readonly #instances: readonly PreparedInstance[];
  readonly #canons: number;
  readonly #run: ExportRef | null;
  readonly #handle: ExportRef | null;

  constructor(plan: LinkPlan, modules: readonly WebAssembly.Module[]) {
    const { instances, canons, run, handle } = shorten(plan, modules);
    this.#canons = canons.length;
    this.#run = run;
    this.#handle = handle;
    const position = new Map(instances.map(({ core }, index) => [core, index]));
    this.#instances = instances.map(({ core, imports }, index) => {
      const byModule = Map.groupBy(imports, ([module]) => module);
      const exported = (kind: 'memory' | 'realloc'): [number, string][] =>
        canons.flatMap(({ [kind]: from }, canon) => (from?.[0] === index ? [[canon, from[1]]] : []));
      return {
        core,
        module: modules[core] as WebAssembly.Module,
        imports: [...byModule].map(([module, entries]) => [
          module,
          entries.map(([, name, source]) => ({ name, make: prepare(source, position) })),
        ]),
        memories: exported('memory'),
        reallocs: exported('realloc'),
      };
    });
  }

  link({ host, executor, adjustImports }: LinkOptions): LinkedComponent {
    const context = new Context(host);
    const linking: Linking = {
      context,
      executor,
      canons: Array.from({ length: this.#canons }, () => new PlanCanon(context)),
      exports: [],
      given: this.#instances.map(({ core }) => {
        const imports: WebAssembly.Imports = importObject();
        adjustImports?.(core, imports);
        return imports;
      }),
      late: [],
    };
    for (const instance of this.#instances) instantiate(instance, linking);
    const entry = (ref: ExportRef | null): GuestFunction | undefined =>
      ref === null ? undefined : (linking.exports[ref[0]]?.[ref[1]] as GuestFunction);
    const run = commandOf(entry(this.#run), executor);
    const handle = handlerOf(entry(this.#handle), executor, context);
    return {
      run,
      handle,
      exports: { ...(run && { run: { run } }), ...(handle && { incomingHandler: { handle } }) },
      dispose: () => context.end(INSTANCE_ENDED),
    };
  }
}

function commandOf(entry: GuestFunction | undefined, executor: Executor): LinkedComponent['run'] {
  if (entry === undefined) return undefined;
  const enter = executor.promising(entry);
  return async () => {
    const result = await enter();
    return result === 0 || result === 1 ? result : trap('run gave a result that is neither ok nor err');
  };
}

function handlerOf(
  entry: GuestFunction | undefined,
  executor: Executor,
  context: Context,
): LinkedComponent['handle'] {
  if (entry === undefined) return undefined;
  const enter = executor.promising(entry);
  const { resources } = context;
  return async (parts, out) => {
    const request = admitRequest(context, parts);
    if ('tag' in request) out.set(request);
    else await enter(resources['incoming-request'].add(request), resources['response-outparam'].add(out));
  };
}

function instantiate(instance: PreparedInstance, linking: Linking): void {
  const { canons, exports, executor, given, late } = linking;
  const index = exports.length;
  const imports = given[index] as WebAssembly.Imports;
  for (const [module, entries] of instance.imports) {
    const values = (imports[module] ??= importObject());
    for (const { name, make } of entries) values[name] = make(linking);
  }
  const made = executor.instantiate(instance.module, imports).exports;
  exports.push(made);
  for (const { from, filler, table } of late) {
    if (from[0] === index)
      executor.instantiate(filler, { '': { t: table, f: made[from[1]] as WebAssembly.ImportValue } });
  }
  for (const [canon, name] of instance.memories) canons[canon]?.memory.bind(made[name] as WebAssembly.Memory);
  for (const [canon, name] of instance.reallocs) (canons[canon] as PlanCanon).realloc = made[name] as Realloc;
}

/** @param position where each core module stands among the instances */
function prepare(source: PlannedImport, position: ReadonlyMap<number, number>): PreparedImport['make'] {
  switch (source.kind) {
    case 'export': {
      const [instance, name] = source.from;
      return ({ exports }) => exports[instance]?.[name] as WebAssembly.ImportValue;
    }
    case 'function': {
      const lowering = LOWERINGS.get(source.interface)?.[source.name];
      if (lowering === undefined) throw new TypeError(`the plan names ${source.interface}#${source.name}`);
      const make = ({ context, canons }: Linking): WebAssembly.ImportValue =>
        lowering.lower(context, canons[source.canon] as PlanCanon);
      if (lowering.blocking === undefined) return make;
      return (linking) =>
        suspends(lowering, linking.context)
          ? linking.executor.suspending(make(linking) as never)
          : make(linking);
    }
    case 'drop':
      return ({ context }) =>
        (handle: number) =>
          context.drop(source.resource, handle);
    case 'unreachable':
      return () => () => trap('a handle of a resource that does not exist is dropped');
    case 'memory': {
      const instance = position.get(source.core) as number;
      return ({ given }) => given[instance]?.[MEMORY_MODULE]?.['memory0'] as WebAssembly.Memory;
    }
    case 'late': {
      const { module, filler } = trampoline(source.name);
      return ({ executor, late }) => {
        const { c, t } = executor.instantiate(module, {}).exports as {
          c: WebAssembly.ImportValue;
          t: WebAssembly.Table;
        };
        late.push({ from: source.from, filler, table: t });
        return c;
      };
    }
  }
}
