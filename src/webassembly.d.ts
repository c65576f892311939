// The WebAssembly namespace as Node 24 has it. TypeScript keeps it in the DOM library, which would also bring every browser
// global into scope; this is that namespace without streaming, with any made unknown, and with JSPI (Suspending, promising),
// which TypeScript does not declare yet.

declare namespace WebAssembly {
  type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
  interface CompileError extends Error {}

  var CompileError: {
    prototype: CompileError;
    new (message?: string): CompileError;
    (message?: string): CompileError;
  };

  interface Exception {
    readonly stack: string | undefined;
    getArg(exceptionTag: Tag, index: number): unknown;
    is(exceptionTag: Tag): boolean;
  }

  var Exception: {
    prototype: Exception;
    new (exceptionTag: Tag, payload: unknown[], options?: ExceptionOptions): Exception;
  };

  interface Global<T extends ValueType = ValueType> {
    value: ValueTypeMap[T];
    valueOf(): ValueTypeMap[T];
  }

  var Global: {
    prototype: Global;
    new <T extends ValueType = ValueType>(descriptor: GlobalDescriptor<T>, v?: ValueTypeMap[T]): Global<T>;
  };

  interface Instance {
    readonly exports: Exports;
  }

  var Instance: {
    prototype: Instance;
    new (module: Module, importObject?: Imports): Instance;
  };

  interface LinkError extends Error {}

  var LinkError: {
    prototype: LinkError;
    new (message?: string): LinkError;
    (message?: string): LinkError;
  };

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(delta: AddressValue): AddressValue;
    toFixedLengthBuffer(): ArrayBuffer;
    toResizableBuffer(): ArrayBuffer;
  }

  var Memory: {
    prototype: Memory;
    new (descriptor: MemoryDescriptor): Memory;
  };

  interface Module {}

  var Module: {
    prototype: Module;
    new (bytes: BufferSource, options?: WebAssemblyCompileOptions): Module;
    customSections(moduleObject: Module, sectionName: string): ArrayBuffer[];
    exports(moduleObject: Module): ModuleExportDescriptor[];
    imports(moduleObject: Module): ModuleImportDescriptor[];
  };

  interface RuntimeError extends Error {}

  var RuntimeError: {
    prototype: RuntimeError;
    new (message?: string): RuntimeError;
    (message?: string): RuntimeError;
  };

  interface Table {
    readonly length: AddressValue;
    get(index: AddressValue): unknown;
    grow(delta: AddressValue, value?: unknown): AddressValue;
    set(index: AddressValue, value?: unknown): void;
  }

  var Table: {
    prototype: Table;
    new (descriptor: TableDescriptor, value?: unknown): Table;
  };

  interface Tag {}

  var Tag: {
    prototype: Tag;
    new (type: TagType): Tag;
  };

  interface ExceptionOptions {
    traceStack?: boolean;
  }

  interface GlobalDescriptor<T extends ValueType = ValueType> {
    mutable?: boolean;
    value: T;
  }

  interface MemoryDescriptor {
    address?: AddressType;
    initial: AddressValue;
    maximum?: AddressValue;
    shared?: boolean;
  }

  interface ModuleExportDescriptor {
    kind: ImportExportKind;
    name: string;
  }

  interface ModuleImportDescriptor {
    kind: ImportExportKind;
    module: string;
    name: string;
  }

  interface TableDescriptor {
    address?: AddressType;
    element: TableKind;
    initial: AddressValue;
    maximum?: AddressValue;
  }

  interface TagType {
    parameters: ValueType[];
  }

  interface ValueTypeMap {
    anyfunc: Function;
    externref: unknown;
    f32: number;
    f64: number;
    i32: number;
    i64: bigint;
    v128: never;
  }

  interface WebAssemblyCompileOptions {
    builtins?: string[];
    importedStringConstants?: string | null;
  }

  interface WebAssemblyInstantiatedSource {
    instance: Instance;
    module: Module;
  }

  type AddressType = 'i32' | 'i64';
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';
  type TableKind = 'anyfunc' | 'externref';
  type AddressValue = number;
  type ExportValue = Function | Global | Memory | Table;
  type Exports = Record<string, ExportValue>;
  type ImportValue = ExportValue | Suspending | number | bigint;
  type Imports = Record<string, ModuleImports>;
  type ModuleImports = Record<string, ImportValue>;
  type ValueType = keyof ValueTypeMap;
  var JSTag: Tag;
  function compile(bytes: BufferSource, options?: WebAssemblyCompileOptions): Promise<Module>;
  function instantiate(
    bytes: BufferSource,
    importObject?: Imports,
    options?: WebAssemblyCompileOptions,
  ): Promise<WebAssemblyInstantiatedSource>;
  function instantiate(moduleObject: Module, importObject?: Imports): Promise<Instance>;
  function validate(bytes: BufferSource, options?: WebAssemblyCompileOptions): boolean;

  /** JavaScript Promise Integration: an import that suspends the calling instance until the promise settles. */
  interface Suspending {}
  var Suspending: {
    prototype: Suspending;
    new (fn: (...args: never[]) => unknown): Suspending;
  };
  /** JavaScript Promise Integration: turns an export into a function that returns a promise. */
  function promising(fn: Function): (...args: unknown[]) => Promise<unknown>;
  var SuspendError: {
    prototype: Error;
    new (message?: string): Error;
  };
}
