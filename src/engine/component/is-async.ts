import { ProgramError } from '../../errors.ts';
import { decodeComponent } from './decode.ts';
import type { BuiltinDefinition, ComponentDefinition, Definition } from './definition.ts';

/** What components had before they could wait. */
const OLD_BUILTINS: ReadonlySet<BuiltinDefinition['name']> = new Set([
  'resource.new',
  'resource.drop',
  'resource.rep',
]);

/**
 * @returns whether a component uses what came to components with WASI 0.3, whatever it imports: functions that are `async`,
 *   streams, futures. One that we cannot read is none
 */
export function isAsync(bytes: Uint8Array): boolean {
  try {
    return usesAsync(decodeComponent(bytes).root);
  } catch (error) {
    if (error instanceof ProgramError) return false;
    throw error;
  }
}

function usesAsync({ definitions }: ComponentDefinition): boolean {
  return definitions.some((definition) => isAsyncDefinition(definition));
}

function isAsyncDefinition(definition: Definition): boolean {
  switch (definition.kind) {
    case 'lift':
    case 'lower':
      return definition.type.async || definition.options.async;
    case 'builtin':
      return !OLD_BUILTINS.has(definition.builtin.name);
    case 'component':
      return usesAsync(definition.component);
    default:
      return false;
  }
}
