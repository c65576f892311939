import { Fields } from '../../../src/virtual/http/fields.ts';
import type { Context } from '../context.ts';

/** Makes `fields` that are empty; traps when the guest has no handle left for them. */
export function newFields(context: Context): Fields {
  context.takeHandle('http-request', 'fields');
  return new Fields(context.httpBudget);
}
