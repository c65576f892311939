import { MEMORY_MODULE } from '../core-memory.ts';
import type { ExportRef, LinkPlan, PlannedImport, PlannedInstance } from './plan.ts';
import { isLateFunction } from './trampoline.ts';

/**
 * Leaves out half of the instances that a program of 0.1 with an adapter is made of.
 *
 * The program and its adapter import each other, so `wasm-tools component new` adds two more modules: a shim with a table
 * of functions that do not exist yet, which the program imports, and one without exports that fills the table at the end.
 * They cost as much to instantiate as the other two. But when the memory of the program is there before the program (we
 * import it, for the limit), the adapter can come first, and all that is missing then is one function of the program.
 *
 * Without an adapter, it is the shim and what fills it that are left out: host functions need no memory before they are called.
 *
 * @returns `plan` itself when it is of neither shape
 */
export function shorten(plan: LinkPlan, modules: readonly WebAssembly.Module[]): LinkPlan {
  if (plan.instances.length === 3) return withoutShim(plan, modules);
  const [shim, program, adapter, filler] = plan.instances;
  if (shim === undefined || program === undefined || adapter === undefined || filler === undefined)
    return plan;
  if (plan.instances.length !== 4 || !isShim(shim, modules) || !isFiller(filler, modules)) return plan;
  const filled = new Map(filler.imports.map(([, name, source]) => [name, source]));
  const memory = onlyMemory(modules[program.core] as WebAssembly.Module);
  const direct = (source: PlannedImport): PlannedImport | undefined => {
    if (source.kind !== 'export') return source;
    const [instance, name] = source.from;
    const target = instance === SHIM ? filled.get(name) : source;
    if (target?.kind !== 'export') return target;
    return target.from[0] === SHIM ? undefined : { kind: 'export', from: renumbered(target.from) };
  };
  const late = (source: PlannedImport | undefined): PlannedImport | undefined => {
    if (source?.kind !== 'export' || source.from[0] !== NEW_PROGRAM) return source;
    if (source.from[1] === memory) return { kind: 'memory', core: program.core };
    return isLateFunction(source.from[1])
      ? { kind: 'late', name: source.from[1], from: source.from }
      : undefined;
  };
  const first = relink(adapter, (source) => late(direct(source)));
  const second = relink(program, direct);
  if (first === undefined || second === undefined) return plan;
  return {
    instances: [first, second],
    canons: plan.canons.map(({ memory: from, realloc }) => ({
      memory: from && renumbered(from),
      realloc: realloc && renumbered(realloc),
    })),
    run: plan.run && renumbered(plan.run),
    handle: plan.handle && renumbered(plan.handle),
  };
}

/** Of `[shim, program, filler]` the program stays. */
function withoutShim(plan: LinkPlan, modules: readonly WebAssembly.Module[]): LinkPlan {
  const [shim, program, filler] = plan.instances as [PlannedInstance, PlannedInstance, PlannedInstance];
  if (!isShim(shim, modules) || !isFiller(filler, modules)) return plan;
  const filled = new Map(filler.imports.map(([, name, source]) => [name, source]));
  const alone = relink(program, (source) => {
    const target = source.kind === 'export' && source.from[0] === SHIM ? filled.get(source.from[1]) : source;
    // What comes from another core module is not there any more, or not yet.
    return target?.kind === 'export' ? undefined : target;
  });
  const refs = [plan.run, plan.handle, ...plan.canons.flatMap(({ memory, realloc }) => [memory, realloc])];
  if (alone === undefined || refs.some((ref) => ref !== null && ref[0] !== PROGRAM)) return plan;
  const first = (ref: ExportRef | null): ExportRef | null => ref && [0, ref[1]];
  return {
    instances: [alone],
    canons: plan.canons.map(({ memory, realloc }) => ({ memory: first(memory), realloc: first(realloc) })),
    run: first(plan.run),
    handle: first(plan.handle),
  };
}

// Where the instances stand in the plan, and where the two that stay stand in the short one.
const SHIM = 0;
const PROGRAM = 1;
const NEW_ADAPTER = 0;
const NEW_PROGRAM = 1;

function renumbered([instance, name]: ExportRef): ExportRef {
  return [instance === PROGRAM ? NEW_PROGRAM : NEW_ADAPTER, name];
}

function relink(
  { core, imports }: PlannedInstance,
  change: (source: PlannedImport) => PlannedImport | undefined,
): PlannedInstance | undefined {
  const changed: [string, string, PlannedImport][] = [];
  for (const [module, name, source] of imports) {
    const target = change(source);
    if (target === undefined) return undefined;
    changed.push([module, name, target]);
  }
  return { core, imports: changed };
}

/** Exports nothing but functions with numbers for names, and their table. */
function isShim({ core, imports }: PlannedInstance, modules: readonly WebAssembly.Module[]): boolean {
  const exports = WebAssembly.Module.exports(modules[core] as WebAssembly.Module);
  return (
    imports.length === 0 &&
    exports.every(({ kind, name }) => (kind === 'function' ? isNumber(name) : kind === 'table'))
  );
}

/** Exports nothing and imports functions with numbers for names, and the table of the shim. */
function isFiller({ core, imports }: PlannedInstance, modules: readonly WebAssembly.Module[]): boolean {
  const module = modules[core] as WebAssembly.Module;
  const tables = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'table');
  const table = imports.find(([, name]) => name === tables[0]?.name)?.[2];
  if (WebAssembly.Module.exports(module).length > 0 || tables.length !== 1) return false;
  return (
    table?.kind === 'export' &&
    table.from[0] === SHIM &&
    imports.every(([, name, source]) => source === table || isNumber(name))
  );
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

/** @returns the name by which a module exports its memory, when it has one memory only and imports that from us */
function onlyMemory(module: WebAssembly.Module): string | undefined {
  const imported = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'memory');
  const exported = WebAssembly.Module.exports(module).find(({ kind }) => kind === 'memory');
  return imported.length === 1 && imported[0]?.module === MEMORY_MODULE ? exported?.name : undefined;
}
