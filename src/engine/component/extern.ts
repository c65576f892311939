import type { ComponentFunction } from '../../../shims/canonical-abi/component-function.ts';
import type { ResourceType } from '../../../shims/canonical-abi/resource.ts';
import type { ComponentFrame } from './frame.ts';
import type { ComponentDefinition } from './definition.ts';

/** What a name stands for in one instance of a program. */
export type Extern =
  | { readonly sort: 'func'; readonly call: ComponentFunction }
  /** A function of WASI 0.2, which is linked by its lowering (shims/preview2) and never called by way of values. */
  | { readonly sort: 'lowering'; readonly interface: string; readonly name: string }
  | { readonly sort: 'instance'; readonly exports: ReadonlyMap<string, Extern> }
  /** @property resource absent for types of values: they are known without running anything */
  | { readonly sort: 'type'; readonly resource?: ResourceType }
  | { readonly sort: 'component'; readonly component: ComponentDefinition; readonly frame: ComponentFrame }
  /** @property module index of the program's core modules */
  | { readonly sort: 'module'; readonly module: number };
