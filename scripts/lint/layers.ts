// The walls of the architecture, as data. import-directions.ts enforces them; whoever wants to move a wall changes this file and
// says why.

/** Lower number, lower layer. A module may import its own layer and the ones that `MAY_IMPORT` names. */
export type Layer =
  | 'errors'
  | 'policy'
  | 'kernel'
  | 'virtual'
  | 'ambient'
  | 'shims'
  | 'audit'
  | 'engine'
  | 'index'
  | 'metrics'
  | 'serve'
  | 'cli';

const BELOW_ENGINE = ['audit', 'shims', 'virtual', 'kernel', 'policy', 'errors'] as const;

/**
 * cli → serve → metrics → index → engine, audit → shims → virtual → kernel → policy → errors; ambient hangs on virtual. It takes
 * from policy what an address is: what was decided about one is dialled as it is.
 */
export const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  errors: [],
  policy: ['errors'],
  kernel: ['policy', 'errors'],
  virtual: ['kernel', 'policy', 'errors'],
  ambient: ['virtual', 'kernel', 'policy', 'errors'],
  shims: ['virtual', 'kernel', 'policy', 'errors'],
  audit: ['shims', 'virtual', 'kernel', 'policy', 'errors'],
  engine: BELOW_ENGINE,
  index: ['engine', ...BELOW_ENGINE],
  metrics: ['index', 'engine', ...BELOW_ENGINE],
  serve: ['metrics', 'index', 'engine', ...BELOW_ENGINE],
  cli: ['serve', 'metrics', 'index', 'engine', ...BELOW_ENGINE],
};

/**
 * Where ambient authority is handed in: besides these, no module may import src/ambient. In the engine they are the functions
 * that an embedder calls first, each named by itself, so that nothing behind them can reach the machine.
 */
export const COMPOSITION_ROOTS: readonly string[] = [
  'src/engine/engine.ts',
  'src/engine/inspect.ts',
  'src/engine/isolation/worker.ts',
  'src/engine/json-lines-file.ts',
  'src/engine/load-image.ts',
  'src/index.ts',
  'src/cli/',
  'src/serve/',
];

/** Files directly under src that are no layer of their own. */
const SINGLE_FILES: Readonly<Record<string, Layer>> = {
  'src/errors.ts': 'errors',
  'src/node-version.ts': 'errors',
  'src/require-node-version.ts': 'errors',
  'src/index.ts': 'index',
};

/** The layer of a file, by its path from the root of the repository; undefined for tests, scripts and the like. */
export function layerOf(path: string): Layer | undefined {
  if (path.startsWith('shims/')) return 'shims';
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  if (folder !== undefined && folder in MAY_IMPORT) return folder as Layer;
  return SINGLE_FILES[path];
}

/** Where node:* is at home. Everything else needs a line in `NODE_EXCEPTIONS`. */
export const NODE_FOLDERS: readonly string[] = [
  'src/ambient/',
  'src/cli/',
  'src/serve/',
  'src/engine/isolation/',
];

export interface NodeException {
  /** A file, or a folder when it ends with a slash. */
  readonly path: string;
  readonly modules: readonly string[];
  readonly reason: string;
}

export const NODE_EXCEPTIONS: readonly NodeException[] = [
  {
    path: 'src/engine/deadline.ts',
    modules: ['node:vm'],
    reason: 'a guest gets a realm of its own; node:vm is how one is made, and gives the guest nothing',
  },
  {
    path: 'src/engine/link/glue.ts',
    modules: ['node:vm'],
    reason: "jco's glue is text; compileFunction evaluates it with the names of the machine shadowed",
  },
];

/** Globals that are the real machine: time, randomness, timers, network, the process. A guest's world is made without them. */
export const AMBIENT_GLOBALS: ReadonlySet<string> = new Set([
  'process',
  'fetch',
  'WebSocket',
  'EventSource',
  'performance',
  'crypto',
  'console',
  'navigator',
  'setTimeout',
  'setInterval',
  'setImmediate',
]);

/**
 * Layers in which `AMBIENT_GLOBALS`, the current Date and Math.random are refused. The engine is not among them: it times
 * deadlines, and needs randomness for the names of instances.
 */
export const WITHOUT_AMBIENT_GLOBALS: ReadonlySet<Layer> = new Set([
  'policy',
  'kernel',
  'virtual',
  'shims',
  'audit',
]);
