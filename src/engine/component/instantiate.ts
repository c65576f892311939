import { GuestResourceType } from '../../../shims/canonical-abi/resource.ts';
import { canonLift } from '../../../shims/canonical-abi/canon-lift.ts';
import { WaitingPlan } from '../../../shims/canonical-abi/waiting-functions.ts';
import { importObject } from '../import-object.ts';
import { builtin } from './builtins.ts';
import type { ComponentDefinition, Definition, ImportDefinition } from './definition.ts';
import type { Extern } from './extern.ts';
import { ComponentFrame } from './frame.ts';
import { lower } from './lower.ts';

type DefinitionOf<K extends Definition['kind']> = Extract<Definition, { readonly kind: K }>;

/**
 * Evaluates a component: its core modules are instantiated, and may run start functions.
 *
 * @param frame of the instance, with nothing in it yet
 * @param given what its imports are, by name
 */
export function evaluateComponent(
  component: ComponentDefinition,
  frame: ComponentFrame,
  given: (definition: ImportDefinition) => Extern,
): void {
  const plan = planOf(component);
  const { waiting } = frame.instance;
  waiting.follow(plan);
  for (const definition of component.definitions) {
    if (definition.kind === 'import') evaluateImport(frame, definition, given(definition));
    else evaluate(frame, definition);
  }
  waiting.note(plan);
}

const plans = new WeakMap<ComponentDefinition, WaitingPlan>();

function planOf(component: ComponentDefinition): WaitingPlan {
  let plan = plans.get(component);
  if (plan === undefined) {
    plan = new WaitingPlan();
    plans.set(component, plan);
  }
  return plan;
}

function evaluate(frame: ComponentFrame, definition: Exclude<Definition, ImportDefinition>): void {
  switch (definition.kind) {
    case 'core-module':
      frame.modules.push(definition.module);
      return;
    case 'core-instance':
      instantiateCore(frame, definition);
      return;
    case 'core-exports':
      frame.coreInstances.push(coreExports(frame, definition));
      return;
    case 'component':
      frame.components.push({ sort: 'component', component: definition.component, frame });
      return;
    case 'instance':
      instantiateInner(frame, definition);
      return;
    case 'exports':
      frame.instances.push({
        sort: 'instance',
        exports: new Map(definition.exports.map(({ name, item }) => [name, frame.at(item)] as const)),
      });
      return;
    case 'alias-core':
      frame.core[definition.sort].push(
        frame.coreExport(definition.sort, definition.instance, definition.name),
      );
      return;
    case 'alias':
      frame.push(frame.instances[definition.instance]?.exports.get(definition.name) as Extern);
      return;
    case 'alias-outer-component':
      frame.push(frame.outer(definition.depth).components[definition.index] as Extern);
      return;
    case 'alias-outer-module':
      frame.modules.push(frame.outer(definition.depth).modules[definition.index] as number);
      return;
    case 'resource':
      defineResource(frame, definition);
      return;
    case 'export':
      frame.exports.set(definition.name, frame.at(definition));
      frame.push(frame.at(definition));
      return;
    case 'lift':
    case 'lower':
    case 'builtin':
      evaluateCanon(frame, definition);
  }
}

function coreExports(
  frame: ComponentFrame,
  { exports }: DefinitionOf<'core-exports'>,
): Record<string, unknown> {
  const instance = importObject<unknown>();
  for (const { name, item } of exports) instance[name] = frame.core[item.sort][item.index];
  return instance;
}

function evaluateCanon(frame: ComponentFrame, definition: DefinitionOf<'lift' | 'lower' | 'builtin'>): void {
  if (definition.kind === 'lower') frame.core.func.push(lower(frame, definition));
  else if (definition.kind === 'builtin') frame.core.func.push(builtin(frame, definition.builtin));
  else {
    const { callee, type, options } = definition;
    const call = canonLift(frame.coreFunction(callee), type, frame.options(options), frame.instance);
    frame.functions.push({ sort: 'func', call });
  }
}

function evaluateImport(frame: ComponentFrame, { resources }: ImportDefinition, given: Extern): void {
  frame.push(given);
  for (const { slot, path } of resources) {
    let found: Extern | undefined = given;
    for (const name of path) found = found?.sort === 'instance' ? found.exports.get(name) : undefined;
    if (found?.sort === 'type' && found.resource !== undefined)
      frame.instance.resources[slot] = found.resource;
  }
}

function instantiateCore(frame: ComponentFrame, { module, args }: DefinitionOf<'core-instance'>): void {
  const { linking } = frame;
  const index = frame.modules[module] as number;
  const imports = importObject<WebAssembly.ModuleImports>();
  for (const { name, item } of args) imports[name] = frame.coreInstances[item] as WebAssembly.ModuleImports;
  linking.adjustImports(imports);
  const { exports } = linking.executor.instantiate(linking.modules[index] as WebAssembly.Module, imports);
  frame.coreInstances.push(exports);
}

function instantiateInner(frame: ComponentFrame, definition: DefinitionOf<'instance'>): void {
  const { component, frame: parent } = frame.components[definition.component] as Extern & {
    sort: 'component';
  };
  const args = new Map(definition.args.map(({ name, item }) => [name, frame.at(item)] as const));
  const inner = new ComponentFrame(frame.linking, parent);
  evaluateComponent(component, inner, ({ name }) => args.get(name) as Extern);
  for (const { slot, inner: own } of definition.resources) {
    const type = inner.instance.resources[own];
    if (type !== undefined) frame.instance.resources[slot] = type;
  }
  frame.instances.push({ sort: 'instance', exports: inner.exports });
}

function defineResource(frame: ComponentFrame, { slot, destructor }: DefinitionOf<'resource'>): void {
  const { instance } = frame;
  instance.resources[slot] = new GuestResourceType(
    'resource',
    instance,
    destructor === undefined ? undefined : frame.coreFunction(destructor),
  );
}
