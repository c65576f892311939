import { trap } from '../../trap.ts';
import { GuestResourceType, ResourceHandle } from '../resource.ts';
import { builtin } from '../waiting-import.ts';
import { plainImport } from '../waiting-import.ts';
import type { CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { GuestResource } from '../values.ts';

/** `canon resource.new rt`: `(rep) → handle` @param slot of a type that the component defines itself */
export function resourceNew(instance: ComponentInstance, slot: number): CoreImport {
  return builtin(instance, (rep) => {
    const type = typeAt(instance, slot);
    return instance.handles.add(new ResourceHandle(type, { type, rep: rep >>> 0 }));
  });
}

/** `canon resource.rep rt`: `(handle) → rep` @param slot of a type that the component defines itself */
export function resourceRep(instance: ComponentInstance, slot: number): CoreImport {
  return plainImport(
    instance,
    (index) => (handleAt(instance, slot, Number(index)).resource as GuestResource).rep,
  );
}

/** `canon resource.drop rt`: `(handle)` */
export function resourceDrop(instance: ComponentInstance, slot: number): CoreImport {
  return builtin(instance, (index) => {
    const handle = handleAt(instance, slot, index);
    if (handle.lends !== 0) trap('a resource was dropped while it is borrowed');
    instance.handles.remove(index >>> 0);
    if (handle.scope !== undefined) handle.scope.borrows--;
    else handle.type.destroy(handle.resource as GuestResource, instance);
    return undefined;
  });
}

function typeAt(instance: ComponentInstance, slot: number): GuestResourceType {
  const type = instance.resources[slot];
  return type instanceof GuestResourceType ? type : trap(`resource type ${slot} is not the component's own`);
}

function handleAt(instance: ComponentInstance, slot: number, index: number): ResourceHandle {
  const entry = instance.handles.get(index >>> 0);
  if (!(entry instanceof ResourceHandle) || entry.type !== instance.resources[slot])
    trap(`handle ${index >>> 0} is no resource of this type`);
  return entry;
}
