import { bareObject } from './bare.ts';
import { readFiles } from './files.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import type { FilesystemRule, LayerSource, MemorySource } from './types.ts';
import { compact, isObject } from './values.ts';

type Volumes = Pick<FilesystemRule, 'host' | 'image' | 'memory' | 'overlay'>;

export function readHost(host: unknown, path: Path, report: Report): string | undefined {
  return readSource(host, 'directory', path, report);
}

export function readImage(image: unknown, path: Path, report: Report): string | undefined {
  return readSource(image, 'archive', path, report);
}

export function readMemory(memory: unknown, path: Path, report: Report): MemorySource | undefined {
  if (!isObject(memory)) return undefined;
  const { from } = memory;
  if (!isObject(from)) return Object.freeze({});
  const at = [...path, 'from'];
  const files = readFiles(from['files'], [...at, 'files'], report);
  // No files are what memory has without `from`.
  if (Object.keys(from).length === 1 && files !== undefined && Object.keys(files).length === 0)
    return Object.freeze({});
  return Object.freeze({
    from: compact<NonNullable<MemorySource['from']>>({
      files,
      host: readHost(from['host'], [...at, 'host'], report),
      image: readImage(from['image'], [...at, 'image'], report),
    }),
  });
}

export function readOverlay(overlay: unknown, path: Path, report: Report): FilesystemRule['overlay'] {
  if (!isObject(overlay)) return undefined;
  const upper = readLayer(overlay['upper'], [...path, 'upper'], report);
  if (upper.image !== undefined) {
    const expected = '`memory` or `host`';
    report({ path: [...path, 'upper', 'image'], onKey: true, what: 'an image is read-only', expected });
  }
  if (upper.memory?.from !== undefined) {
    const hint = 'what is there at the start belongs in `lower`';
    report({
      path: [...path, 'upper', 'memory', 'from'],
      onKey: true,
      what: 'changes start empty',
      expected: '`{}`',
      hint,
    });
  }
  return Object.freeze({ lower: readLayer(overlay['lower'], [...path, 'lower'], report), upper });
}

function readLayer(layer: unknown, path: Path, report: Report): LayerSource {
  if (!isObject(layer)) return Object.freeze({});
  return compact<LayerSource>({
    host: readHost(layer['host'], [...path, 'host'], report),
    image: readImage(layer['image'], [...path, 'image'], report),
    memory: readMemory(layer['memory'], [...path, 'memory'], report),
  });
}

/** Whether new files of the rule lie in a directory of the host. */
export function writesToHost({ host, overlay }: Volumes): boolean {
  return host !== undefined || overlay?.upper.host !== undefined;
}

function readSource(source: unknown, what: string, path: Path, report: Report): string | undefined {
  if (typeof source !== 'string') return undefined;
  const fault = sourceFault(source, what);
  if (fault === undefined) return source;
  const { expected, hint } = fault;
  const wrong = what === 'directory' ? 'wrong host directory' : 'wrong image';
  report({
    path,
    what: wrong,
    found: quote(source),
    expected,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

function sourceFault(
  source: string,
  what: string,
): { expected: string; hint?: string | undefined } | undefined {
  const isLiteral = isLiteralHostPath(source);
  if (!isLiteral && !NAME.test(source)) {
    const article = what === 'archive' ? 'an' : 'a';
    return {
      expected: `the name of ${article} ${what} that the embedder binds, or a path that starts with \`/\`, \`./\` or \`../\``,
      hint: sourceHint(source),
    };
  }
  if (source.includes('*'))
    return { expected: 'a path without `*`', hint: 'patterns stand in `paths` and `except`' };
  return undefined;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

function sourceHint(source: string): string | undefined {
  if (source === '.' || source === '..') return `did you mean "${source}/"?`;
  if (source.startsWith('~')) return '`~` is not expanded: write the whole path';
  return source.includes('/') ? `did you mean ${quote(`./${source}`)}?` : undefined;
}

/**
 * Whether `host` or `image` of a filesystem rule is a path of the machine, not a name that the embedder binds. Only an
 * embedder that allows literal paths may bind one; a relative one counts from the policy file.
 */
export function isLiteralHostPath(source: string): boolean {
  return source.startsWith('/') || source.startsWith('./') || source.startsWith('../');
}

/** What one name or path in a rule stands for. */
export interface NamedSource {
  readonly kind: 'host' | 'image';
  readonly name: string;
  /** From the rule on: `['overlay', 'lower', 'host']`. */
  readonly path: readonly string[];
}

/** @returns every host directory and image that the rule names, wherever in it */
export function namedSources(rule: Volumes): NamedSource[] {
  const found: NamedSource[] = [];
  mapSources(rule, (source) => {
    found.push(source);
    return source.name;
  });
  return found;
}

/** @returns `rule` with each of its names and paths replaced by what `map` gives */
export function mapSources<Rule extends Volumes>(rule: Rule, map: (source: NamedSource) => string): Rule {
  return mapIn(rule, [], map) as Rule;
}

/** Sources stand under the keys `host` and `image`, at any depth below the keys of volumes. */
const NESTING: ReadonlySet<string> = new Set(['memory', 'overlay', 'lower', 'upper', 'from']);

function mapIn(value: object, path: readonly string[], map: (source: NamedSource) => string): object {
  const copy: Record<string, unknown> = path.length === 0 ? {} : bareObject();
  for (const [key, part] of Object.entries(value)) {
    const at = [...path, key];
    if ((key === 'host' || key === 'image') && typeof part === 'string')
      copy[key] = map({ kind: key, name: part, path: at });
    else copy[key] = NESTING.has(key) && isObject(part) ? mapIn(part, at, map) : part;
  }
  return Object.freeze(copy);
}
