import type { JcoTable } from '../../../shims/preview2/abi/handles.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import type { CabiOptions } from '../../../shims/preview2/plain/lowerer.ts';
import { REP } from '../../../shims/preview2/plain/resource.ts';
import { type Glue, isErrCase, webAssemblyWith } from './glue.ts';
import { Lifts } from './lifts.ts';
import { recordingImports } from './recording-imports.ts';
import type { ExportRef, LinkPlan, PlannedCanon, PlannedImport, PlannedInstance } from './plan.ts';

/** What the glue of a component does, found out without running anything of the guest. */
export interface Observation {
  /** What it takes from each imported interface, in jco's spelling: `{ 'acme:kv/store': ['get', 'Bucket'] }`. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** How to link without the glue, for commands and request handlers that import nothing but WASI. */
  readonly plan: LinkPlan | undefined;
  /** Why there is no plan. */
  readonly obstacle: string | undefined;
}

/** Why there can be no plan; it never leaves this module. */
class Obstacle extends Error {}

/**
 * Runs the glue's link step once with stand-ins: exports that are only names, host functions that only say which they
 * are, and an `instantiateCore` that instantiates nothing.
 *
 * @param interfaces what the component imports, without versions
 */
export async function observe(
  glue: Glue,
  modules: ReadonlyMap<string, WebAssembly.Module>,
  interfaces: readonly string[],
): Promise<Observation> {
  const observer = new Observer(modules);
  const imports = recordingImports(interfaces, observer);
  try {
    const foreign = interfaces.filter((name) => !LOWERINGS.has(name));
    const exports = observer.run(glue, imports.objects);
    if (foreign.length > 0) throw new Obstacle(`it imports ${foreign.join(', ')}`);
    return {
      imports: imports.taken(),
      plan: await observer.plan(exports, imports.objects),
      obstacle: undefined,
    };
  } catch (thrown) {
    const obstacle = thrown instanceof Error ? thrown.message : String(thrown);
    return { imports: imports.taken(), plan: undefined, obstacle };
  }
}

/** A host function that the glue asked for in lowered form. */
interface LoweredFunction {
  readonly interface: string;
  readonly name: string;
  readonly options: CabiOptions;
}

export class Observer {
  readonly #modules: ReadonlyMap<string, WebAssembly.Module>;
  readonly #cores: readonly WebAssembly.Module[];
  readonly #instances: { readonly core: number; readonly imports: WebAssembly.Imports }[] = [];
  readonly #exports = new Map<unknown, ExportRef>();
  readonly #lowered = new Map<unknown, LoweredFunction>();
  readonly #tables = new Set<JcoTable>();
  #dropped: Resource | undefined;
  #called: ExportRef | undefined;
  #calledWith: readonly unknown[] = [];
  #answer = 0;

  constructor(modules: ReadonlyMap<string, WebAssembly.Module>) {
    this.#modules = modules;
    this.#cores = [...modules.values()];
  }

  /** @returns what the glue exports */
  run(glue: Glue, imports: Readonly<Record<string, object>>): Record<string, unknown> {
    return glue(webAssemblyWith({ promising: <F>(fn: F): F => fn }), new Lifts(() => undefined))(
      (name) => this.#modules.get(name) as WebAssembly.Module,
      imports,
      (module, given = {}) => this.#instantiate(module, given),
    );
  }

  /** Called for each function whose lowered form the glue takes. @returns a stand-in for it */
  lowered(interfaceName: string, name: string, options: CabiOptions): () => void {
    const standIn = (): void => undefined;
    this.#lowered.set(standIn, { interface: interfaceName, name, options });
    for (const table of options.resourceTables ?? []) this.#tables.add(table);
    return standIn;
  }

  dropped(resource: Resource): void {
    this.#dropped = resource;
  }

  #instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): { readonly exports: object } {
    const instance = this.#instances.push({ core: this.#cores.indexOf(module), imports }) - 1;
    const exports = Object.create(null) as Record<string, object>;
    for (const { name, kind } of WebAssembly.Module.exports(module)) {
      const ref: ExportRef = [instance, name];
      const standIn = kind === 'function' ? (...args: unknown[]) => this.#call(ref, args) : {};
      this.#exports.set(standIn, ref);
      exports[name] = standIn;
    }
    return { exports };
  }

  #call(ref: ExportRef, args: readonly unknown[]): number {
    this.#called = ref;
    this.#calledWith = args;
    return this.#answer;
  }

  /** @param imports that the glue was given */
  async plan(exports: Record<string, unknown>, imports: Readonly<Record<string, object>>): Promise<LinkPlan> {
    const names = Object.keys(exports);
    const command = names.find((name) => /^wasi:cli\/run@0\.2\.\d+$/.test(name));
    const handler = names.find((name) => /^wasi:http\/incoming-handler@0\.2\.\d+$/.test(name));
    const known = new Set<unknown>([command, command && 'run', handler, handler && 'incomingHandler']);
    const others = names.filter((name) => !known.has(name));
    if (others.length > 0 || names.length === 0)
      throw new Obstacle(`it exports ${others.join(', ') || 'nothing'}`);
    const run = command === undefined ? null : await this.#observeRun(exports[command]);
    const handle = handler === undefined ? null : await this.#observeHandle(exports[handler], imports);
    const canons: PlannedCanon[] = [];
    const instances = this.#instances.map(({ core, imports }): PlannedInstance => {
      const sources = Object.entries(imports).flatMap(([module, values]) =>
        Object.entries(values).map(
          ([name, value]) => [module, name, this.#identify(name, value, canons)] as const,
        ),
      );
      return { core, imports: sources };
    });
    return { instances, canons, run, handle };
  }

  /** Calls `run` with both answers that it can have: so its type is known, and the core function behind it. */
  async #observeRun(command: unknown): Promise<ExportRef> {
    const { run } = command as { readonly run: () => Promise<unknown> };
    this.#answer = 0;
    const ok: unknown = await run();
    this.#answer = 1;
    const failed = await run().then(() => false, isErrCase);
    if (ok !== undefined || !failed || this.#called === undefined)
      throw new Obstacle('its run() is not `func() -> result`');
    return this.#called;
  }

  /** Calls `handle` with a face of each resource, which the glue checks, and makes a handle of. */
  async #observeHandle(handler: unknown, imports: Readonly<Record<string, object>>): Promise<ExportRef> {
    const { handle } = handler as { readonly handle: (...args: readonly object[]) => Promise<unknown> };
    const types = imports['wasi:http/types'] as Partial<Record<string, { readonly prototype: object }>>;
    const faces = ['IncomingRequest', 'ResponseOutparam'].map((name) => types?.[name]?.prototype);
    const face = (prototype: object | undefined): object =>
      Object.create(prototype ?? null, { [REP]: { value: UNPROBED_REP } }) as object;
    this.#called = undefined;
    const answers: unknown[] = [];
    for (this.#answer = 0; this.#answer < 2; this.#answer++) answers.push(await handle(...faces.map(face)));
    // 0 is never a handle, and what any other parameter would make of a face.
    const areHandles = this.#calledWith.every((arg) => typeof arg === 'number' && arg > 0);
    if (
      this.#called === undefined ||
      this.#calledWith.length !== 2 ||
      !areHandles ||
      answers.some((each) => each !== undefined)
    )
      throw new Obstacle('its handle() is not that of wasi:http');
    return this.#called;
  }

  #identify(name: string, value: unknown, canons: PlannedCanon[]): PlannedImport {
    const from = this.#exports.get(value);
    if (from !== undefined) return { kind: 'export', from };
    const lowered = this.#lowered.get(value);
    if (lowered !== undefined) {
      return {
        kind: 'function',
        interface: lowered.interface,
        name: lowered.name,
        canon: this.#canon(lowered.options, canons),
      };
    }
    if (name.startsWith('[resource-drop]') && typeof value === 'function')
      return this.#probeDrop(value as DropFunction);
    throw new Obstacle(`a core module imports ${name}, which is not from WASI or another core module`);
  }

  #canon({ memory, realloc, stringEncoding = 'utf8' }: CabiOptions, canons: PlannedCanon[]): number {
    if (stringEncoding !== 'utf8') throw new Obstacle(`it passes strings as ${stringEncoding}`);
    const wanted: PlannedCanon = { memory: this.#ref(memory), realloc: this.#ref(realloc) };
    const known = canons.findIndex(
      (canon) => fits(canon.memory, wanted.memory) && fits(canon.realloc, wanted.realloc),
    );
    if (known < 0) return canons.push(wanted) - 1;
    const canon = canons[known] as PlannedCanon;
    canons[known] = { memory: canon.memory ?? wanted.memory, realloc: canon.realloc ?? wanted.realloc };
    return known;
  }

  #ref(value: unknown): ExportRef | null {
    if (value === undefined) return null;
    const ref = this.#exports.get(value);
    if (ref === undefined) throw new Obstacle('a memory or realloc is not an export of a core module');
    return ref;
  }

  /** Which resource a drop is for shows when it drops one: every table that is known gets an entry first. */
  #probeDrop(drop: DropFunction): PlannedImport {
    const flag = 1 << 30;
    for (const table of this.#tables) table.splice(0, table.length, flag, 0, 0, 1 | flag);
    this.#dropped = undefined;
    try {
      drop(1);
    } catch (thrown) {
      if (thrown instanceof WebAssembly.RuntimeError && thrown.message.startsWith('unknown handle'))
        return { kind: 'unreachable' };
      throw thrown;
    }
    if (this.#dropped === undefined) throw new Obstacle('a resource drop is of no known resource');
    return { kind: 'drop', resource: this.#dropped };
  }
}

/** Not the one that {@link Observer} drops to see whose it is: the glue keeps what it was given under its rep. */
const UNPROBED_REP = 1 << 20;

type DropFunction = (handle: number) => void;

/** Two options can share a canon unless they name different exports. */
function fits(one: ExportRef | null, other: ExportRef | null): boolean {
  return one === null || other === null || (one[0] === other[0] && one[1] === other[1]);
}
