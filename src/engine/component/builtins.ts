import * as canon from '../../../shims/canonical-abi/builtins/index.ts';
import type { CoreImport } from '../../../shims/canonical-abi/canon-options.ts';
import { plainImport } from '../../../shims/canonical-abi/waiting-import.ts';
import type { BuiltinDefinition } from './definition.ts';
import type { ComponentFrame } from './frame.ts';

/** @returns a built-in function of the Canonical ABI for one instance of a component */
export function builtin(frame: ComponentFrame, definition: BuiltinDefinition): CoreImport {
  const { instance } = frame;
  switch (definition.name) {
    case 'resource.new':
      return canon.resourceNew(instance, definition.resource.slot);
    case 'resource.rep':
      return canon.resourceRep(instance, definition.resource.slot);
    case 'resource.drop':
      return resourceDrop(frame, definition.resource.slot);
    case 'task.return':
      return canon.taskReturn(instance, definition.result, frame.options(definition.options));
    case 'task.cancel':
      return canon.taskCancel(instance);
    case 'context.get':
      return canon.contextGet(instance, definition.slot);
    case 'context.set':
      return canon.contextSet(instance, definition.slot);
    case 'backpressure.inc':
      return canon.backpressureInc(instance);
    case 'backpressure.dec':
      return canon.backpressureDec(instance);
    case 'subtask.cancel':
      return canon.subtaskCancel(instance, definition.async);
    case 'subtask.drop':
      return canon.subtaskDrop(instance);
    case 'thread.yield':
      return canon.threadYield(instance, definition.cancellable);
    case 'waitable-set.new':
      return canon.waitableSetNew(instance);
    case 'waitable-set.wait':
      return canon.waitableSetWait(instance, frame.view(definition.memory), definition.cancellable);
    case 'waitable-set.poll':
      return canon.waitableSetPoll(instance, frame.view(definition.memory), definition.cancellable);
    case 'waitable-set.drop':
      return canon.waitableSetDrop(instance);
    case 'waitable.join':
      return canon.waitableJoin(instance);
    default:
      return transferBuiltin(frame, definition);
  }
}

/** Of a stream or future. */
function transferBuiltin(
  frame: ComponentFrame,
  definition: BuiltinDefinition & { readonly name: `${'stream' | 'future'}.${string}` },
): CoreImport {
  const { instance } = frame;
  const { element } = definition;
  switch (definition.name) {
    case 'stream.new':
      return canon.streamNew(instance, element);
    case 'stream.drop-readable':
      return canon.streamDropReadable(instance, element);
    case 'stream.drop-writable':
      return canon.streamDropWritable(instance, element);
    case 'future.new':
      return canon.futureNew(instance, element);
    case 'future.drop-readable':
      return canon.futureDropReadable(instance, element);
    case 'future.drop-writable':
      return canon.futureDropWritable(instance, element);
    case 'stream.read':
      return canon.streamRead(instance, element, frame.options(definition.options));
    case 'stream.write':
      return canon.streamWrite(instance, element, frame.options(definition.options));
    case 'future.read':
      return canon.futureRead(instance, element, frame.options(definition.options));
    case 'future.write':
      return canon.futureWrite(instance, element, frame.options(definition.options));
    case 'stream.cancel-read':
      return canon.streamCancelRead(instance, element, definition.async);
    case 'stream.cancel-write':
      return canon.streamCancelWrite(instance, element, definition.async);
    case 'future.cancel-read':
      return canon.futureCancelRead(instance, element, definition.async);
    case 'future.cancel-write':
      return canon.futureCancelWrite(instance, element, definition.async);
  }
}

/** Handles of WASI 0.2 are in tables of their own. */
function resourceDrop({ instance, linking }: ComponentFrame, slot: number): CoreImport {
  const resource = linking.preview2Name(instance.resources[slot]);
  if (resource === undefined) return canon.resourceDrop(instance, slot);
  const { preview2 } = linking;
  return plainImport(instance, ([handle]) => {
    preview2.drop(resource, Number(handle));
    return undefined;
  });
}
