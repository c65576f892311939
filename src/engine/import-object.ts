/**
 * @returns an object of imports, or of one module's functions
 *
 * Without a prototype: V8 looks imports up as properties, and the names are the guest's. On a plain object the import
 * `constructor` `assign` is the host's own Object.assign.
 */
export function importObject<Value>(
  entries: Iterable<readonly [name: string, Value]> = [],
): Record<string, Value> {
  const result = Object.create(null) as Record<string, Value>;
  for (const [name, value] of entries) result[name] = value;
  return result;
}
