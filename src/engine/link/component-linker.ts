import { isServed } from '../../../shims/preview2/preview2.ts';
import { embedderFunction } from '../embedder-function.ts';
import { importObject } from '../import-object.ts';
import { missingImports } from '../missing-imports.ts';
import { assertSafeNames, evaluateGlue, type Glue } from './glue.ts';
import { GlueLinker } from './link-glue.ts';
import { PlanLinker } from './link-plan.ts';
import type { LinkedComponent, LinkOptions } from './linked-component.ts';
import { observe, type Observation } from './observe.ts';
import { wasiMembers } from './recording-imports.ts';

export type { LinkedComponent, LinkOptions } from './linked-component.ts';
export type { Observation } from './observe.ts';

/** A component as the generator translated it, its core modules compiled. */
export interface ComponentParts {
  readonly glue: string;
  /** By the names that the glue knows them by, in the generator's order. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
  /** Interfaces without versions. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** Links instances of one component: by a plan where there is one, else through jco's glue. */
export class ComponentLinker {
  readonly observation: Observation;
  readonly #parts: ComponentParts;
  readonly #plan: PlanLinker | undefined;
  #glue: GlueLinker | undefined;

  private constructor(parts: ComponentParts, observation: Observation) {
    this.#parts = parts;
    this.observation = observation;
    if (observation.plan !== undefined)
      this.#plan = new PlanLinker(observation.plan, [...parts.modules.values()]);
  }

  /**
   * @param observation from an earlier compilation of the same component; it is made anew when absent
   * @throws ProgramError when the component's names cannot be trusted, or its glue is broken
   */
  static async create(parts: ComponentParts, observation?: Observation): Promise<ComponentLinker> {
    assertSafeNames([...parts.modules.values()], [...parts.imports, ...parts.exports]);
    if (observation !== undefined) return new ComponentLinker(parts, observation);
    return new ComponentLinker(parts, await observe(evaluateGlue(parts.glue), parts.modules, parts.imports));
  }

  /** @returns a linker of the same component, its core modules compiled in another way */
  with(parts: ComponentParts): ComponentLinker {
    return new ComponentLinker(parts, this.observation);
  }

  /** Whether instances are linked without the glue, so that nothing leads into one but its entries. */
  get hasPlan(): boolean {
    return this.#plan !== undefined;
  }

  /** @throws LinkError that lists every import that neither WASI nor the embedder provides */
  link(options: LinkOptions): LinkedComponent {
    if (this.#plan !== undefined) return this.#plan.link(options);
    const imports = unversioned(options.imports ?? {}, options.host.signal);
    this.#assertProvided(imports);
    return this.glueLinker.link({ ...options, imports });
  }

  /** The general way, whether or not there is a plan. */
  get glueLinker(): GlueLinker {
    return (this.#glue ??= new GlueLinker(this.#evaluate(), this.#parts.modules, this.#parts.imports));
  }

  #evaluate(): Glue {
    return evaluateGlue(this.#parts.glue);
  }

  #assertProvided(imports: Readonly<Record<string, object>>): void {
    const missing = Object.entries(this.observation.imports).flatMap(([name, members]) => {
      // Own properties only: `constructor` is a fine name in WIT.
      const provided = Object.hasOwn(imports, name) ? Object.keys(imports[name] as object) : [];
      const known = isServed(name) ? wasiMembers(name) : new Set(provided);
      const absent = members.filter((member) => !known.has(member));
      return absent.map((member) => (isInterface(name) ? `${name}.${member}` : name));
    });
    if (missing.length > 0) throw missingImports(missing, "{ 'package:name/interface': { … } }");
  }
}

/** @returns false for a function of the world itself, which jco's glue takes from `default` */
function isInterface(name: string): boolean {
  return name.includes(':');
}

/** jco's glue knows interfaces without versions. */
function unversioned(imports: Readonly<Record<string, object>>, signal: AbortSignal): Record<string, object> {
  return importObject(
    Object.entries(imports).map(([name, value]) => {
      const plain = name.replace(/@[^@]*$/, '');
      return [plain, guarded(plain, typeof value === 'function' ? { default: value } : value, signal)];
    }),
  );
}

/**
 * The functions of an interface, guarded. (jco's own mode for asynchronous imports never settles when the host function
 * fails.) Classes of resources stay as they are.
 */
function guarded(interfaceName: string, functions: object, signal: AbortSignal): object {
  const members = Object.entries(functions).map(([name, value]): [string, unknown] => {
    if (typeof value !== 'function' || /^[A-Z]/.test(name)) return [name, value];
    const call = value as (...args: unknown[]) => unknown;
    return [name, embedderFunction(`${interfaceName}.${name}`, call, signal)];
  });
  return importObject(members);
}
