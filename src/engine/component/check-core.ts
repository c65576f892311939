import type { FunctionType } from '../../../shims/canonical-abi/types.ts';
import { ProgramError } from '../../errors.ts';
import {
  builtinSignature,
  liftedSignature,
  loweredSignature,
  type Signature,
  signatureText,
} from './core-signature.ts';
import { type CoreInstanceType, type CoreItem, type CoreModuleType, readCoreModule } from './core-items.ts';
import type {
  BuiltinDefinition,
  CanonOptionIndices,
  ComponentDefinition,
  CoreSort,
  Definition,
  SortIndex,
} from './definition.ts';
import { unsupportedPart } from './scope.ts';

/** Definitions that one instance of a program evaluates, those of components inside it included: few bytes can ask for many. */
const MAX_DEFINITIONS = 1_000_000;
const MAX_CORE_INSTANCES = 1000;

/** What one instance of a component takes. */
interface Extent {
  readonly definitions: number;
  /** Numbers of core modules. */
  readonly coreInstances: readonly number[];
}

type DefinitionOf<K extends Definition['kind']> = Extract<Definition, { readonly kind: K }>;

/**
 * Checks where core modules meet the component model. V8 compares the types of functions that it made; ours are JavaScript,
 * which takes whatever comes, and is called with whatever it gives. After this, every core function is known to be of the
 * type that the Canonical ABI has for it, and the number of instances is bounded.
 *
 * @returns which core modules one instance of the program instantiates, in order
 * @throws ProgramError BW_PROGRAM_INVALID, BW_PROGRAM_UNSUPPORTED
 */
export function checkCores(root: ComponentDefinition, cores: readonly Uint8Array[]): readonly number[] {
  return new CoreCheck(cores.map(readCoreModule), undefined).check(root).coreInstances;
}

const REALLOC = '(i32, i32, i32, i32) -> (i32)';
const CALLBACK = '(i32, i32, i32) -> (i32)';
const DESTRUCTOR = '(i32) -> ()';

/** The core index spaces of one component, as far as they are filled. */
class CoreCheck {
  readonly #types: readonly CoreModuleType[];
  readonly #parent: CoreCheck | undefined;
  readonly #modules: number[] = [];
  readonly #instances: CoreInstanceType[] = [];
  readonly #core: Readonly<Record<CoreSort, CoreItem[]>> = {
    func: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
  };
  readonly #components: Extent[] = [];
  readonly #ownResources = new Set<number>();
  #definitions = 0;
  readonly #coreInstances: number[] = [];

  constructor(types: readonly CoreModuleType[], parent: CoreCheck | undefined) {
    this.#types = types;
    this.#parent = parent;
  }

  check({ definitions, imports, exports }: ComponentDefinition): Extent {
    assertUnique(imports);
    assertUnique(exports);
    for (const definition of definitions) {
      this.#count(1, []);
      this.#check(definition);
    }
    return { definitions: this.#definitions, coreInstances: this.#coreInstances };
  }

  #check(definition: Definition): void {
    switch (definition.kind) {
      case 'core-module':
        this.#modules.push(definition.module);
        return;
      case 'core-instance':
        this.#instantiate(definition);
        return;
      case 'core-exports':
        assertUnique(definition.exports);
        this.#instances.push(
          new Map(
            definition.exports.map(({ name, item }) => [name, this.#core[item.sort][item.index] as CoreItem]),
          ),
        );
        return;
      case 'alias-core':
        this.#alias(definition);
        return;
      case 'component':
        this.#components.push(new CoreCheck(this.#types, this).check(definition.component));
        return;
      case 'resource':
        this.#ownResources.add(definition.slot);
        if (definition.destructor !== undefined)
          this.#expect('a destructor', definition.destructor, DESTRUCTOR);
        return;
      case 'lift':
        this.#lift(definition.callee, definition.type, definition.options);
        return;
      case 'lower':
        this.#lower(definition.type, definition.options);
        return;
      case 'builtin':
        this.#builtin(definition.builtin);
        return;
      default:
        this.#checkOuter(definition);
    }
  }

  #checkOuter(
    definition: DefinitionOf<
      'import' | 'export' | 'instance' | 'exports' | 'alias' | `alias-outer-${'component' | 'module'}`
    >,
  ): void {
    switch (definition.kind) {
      case 'instance': {
        const { definitions, coreInstances } = this.#components[definition.component] as Extent;
        this.#count(definitions, coreInstances);
        assertUnique(definition.args);
        for (const { item } of definition.args) assertLinkable(item);
        return;
      }
      case 'exports':
        assertUnique(definition.exports);
        for (const { item } of definition.exports) assertLinkable(item);
        return;
      case 'import':
        assertLinkable(definition.shape);
        return;
      case 'export':
      case 'alias':
        assertLinkable(definition);
        return;
      case 'alias-outer-component':
        this.#components.push(this.#outer(definition.depth).#components[definition.index] as Extent);
        return;
      case 'alias-outer-module':
        this.#modules.push(this.#outer(definition.depth).#modules[definition.index] as number);
    }
  }

  #outer(depth: number): CoreCheck {
    return depth === 0 || this.#parent === undefined ? this : this.#parent.#outer(depth - 1);
  }

  #count(definitions: number, coreInstances: readonly number[]): void {
    this.#definitions += definitions;
    this.#coreInstances.push(...coreInstances);
    if (this.#definitions > MAX_DEFINITIONS || this.#coreInstances.length > MAX_CORE_INSTANCES)
      unsupportedPart('more instances than are made for one program');
  }

  #instantiate({ module, args }: DefinitionOf<'core-instance'>): void {
    const core = this.#modules[module] as number;
    this.#count(0, [core]);
    assertUnique(args);
    const given = new Map(args.map(({ name, item }) => [name, this.#instances[item] as CoreInstanceType]));
    const { imports, exports } = this.#types[core] as CoreModuleType;
    this.#count(imports.length, []);
    for (const { module: from, name, ...expected } of imports) {
      const found = given.get(from)?.get(name);
      if (found?.sort !== expected.sort || found.signature !== expected.signature) {
        broken(
          `a core module imports ${JSON.stringify(`${from}.${name}`)} as ${textOf(expected)}, and is given ${found === undefined ? 'nothing' : textOf(found)}`,
        );
      }
    }
    this.#instances.push(exports);
  }

  #alias({ sort, instance, name }: DefinitionOf<'alias-core'>): void {
    const found = this.#instances[instance]?.get(name);
    if (found?.sort !== sort) broken(`a core instance exports no ${sort} ${JSON.stringify(name)}`);
    this.#core[sort].push(found);
  }

  #lift(callee: number, type: FunctionType, options: CanonOptionIndices): void {
    const { params, results } = liftedSignature(type, options);
    const { async, postReturn, callback } = options;
    this.#expect('a function that is lifted', callee, signatureText({ params, results }));
    this.#checkOptions(options);
    if (callback !== undefined) this.#expect('a callback', callback, CALLBACK);
    if (postReturn === undefined) return;
    if (async) broken('post-return is given to what is async');
    this.#expect('post-return', postReturn, signatureText({ params: results, results: [] }));
  }

  #lower(type: FunctionType, options: CanonOptionIndices): void {
    this.#checkOptions(options);
    this.#assertNotLifting(options);
    this.#made(loweredSignature(type, options));
  }

  #builtin(builtin: BuiltinDefinition): void {
    if ('options' in builtin) {
      this.#checkOptions(builtin.options);
      this.#assertNotLifting(builtin.options);
    }
    const isInner = builtin.name === 'resource.new' || builtin.name === 'resource.rep';
    if (isInner && !this.#ownResources.has(builtin.resource.slot))
      broken(`${builtin.name} is of a resource type that another component defines`);
    this.#made(builtinSignature(builtin));
  }

  #made(signature: Signature): void {
    this.#core.func.push({ sort: 'func', signature: signatureText(signature) });
  }

  #checkOptions({ realloc }: CanonOptionIndices): void {
    if (realloc !== undefined) this.#expect('realloc', realloc, REALLOC);
  }

  #assertNotLifting({ callback, postReturn }: CanonOptionIndices): void {
    if (callback !== undefined || postReturn !== undefined)
      broken('an option that is for lifting is given to something else');
  }

  #expect(what: string, index: number, signature: string): void {
    const found = this.#core.func[index]?.signature;
    if (found !== signature) broken(`${what} is ${found ?? 'of an unknown type'}; expected ${signature}`);
  }
}

/** Core modules and components are known before anything runs. */
function assertLinkable({ sort }: Pick<SortIndex, 'sort'>): void {
  if (sort === 'module' || sort === 'component') unsupportedPart(`a ${sort} that is passed on`);
}

function assertUnique(named: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of named) {
    if (names.has(name)) broken(`the name ${JSON.stringify(name)} stands twice among others of its kind`);
    names.add(name);
  }
}

function textOf({ sort, signature }: CoreItem): string {
  return signature === undefined ? sort : `${sort} ${signature}`;
}

function broken(problem: string): never {
  throw new ProgramError('BW_PROGRAM_INVALID', `The component is broken: ${problem}.`);
}
