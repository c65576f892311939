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

/** @returns the exports, each function of them as `wrap` gives it */
export function mapExports(
  exports: WebAssembly.Exports,
  wrap: (value: CallableFunction) => WebAssembly.ExportValue,
): WebAssembly.Exports {
  return importObject(
    Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? wrap(value) : value]),
  );
}

/** @returns the imports, each of them as `wrap` gives it */
export function mapImports(
  imports: WebAssembly.Imports,
  wrap: (value: WebAssembly.ImportValue) => WebAssembly.ImportValue,
): WebAssembly.Imports {
  return importObject(
    Object.entries(imports).map(([module, values]) => [
      module,
      importObject(Object.entries(values).map(([name, value]) => [name, wrap(value)])),
    ]),
  );
}
