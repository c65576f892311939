import { parseBytes } from './bytes.ts';
import type { Issue, Path, Report } from './source.ts';
import { suggest } from './suggest.ts';
import { listWords, quote, show } from './text.ts';
import type { FilesystemQuota, FilesystemRule } from './types.ts';
import { asInteger, asString, compact, isObject, readUnit } from './values.ts';
import type { JsonObject } from './values.ts';
import { ACCESS_SHORT_NAMES, ACCESS_WORDS } from './words.ts';
import type { AccessShortName, AccessWord } from './words.ts';

/**
 * A rule whose id is not decided yet: one that has none gets its position in the effective policy. Its `mount` is empty
 * where there is none that can be read, which was reported.
 */
export type UnnamedRule = Omit<FilesystemRule, 'id'> & { readonly id: string | undefined };

export function readFilesystem(section: unknown, report: Report): readonly UnnamedRule[] | undefined {
  if (!Array.isArray(section)) return undefined;
  return section.map((rule, index) => readRule(isObject(rule) ? rule : NOTHING, index, report));
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

function readRule(rule: JsonObject, index: number, report: Report): UnnamedRule {
  const path: Path = ['filesystem', index];
  return compact<UnnamedRule>({
    id: readId(rule['id'], index, report),
    description: asString(rule['description']),
    mount: readMount(rule['mount'], [...path, 'mount'], report) ?? '',
    host: readHost(rule['host'], [...path, 'host'], report),
    memory: isObject(rule['memory']) ? NOTHING : undefined,
    access: readAccess(rule['access'], [...path, 'access'], report),
    quota: readQuota(rule['quota'], [...path, 'quota'], report),
  });
}

/** The form of a generated id means the same as none, so that a printed normal form can be parsed, and extended, again. */
function readId(id: unknown, index: number, report: Report): string | undefined {
  if (typeof id !== 'string' || !id.includes('/')) return asString(id);
  const generated = `filesystem/${index}`;
  if (id === generated) return undefined;
  const expected = `1 to 64 of \`a-z 0-9 . _ -\`, or ${quote(generated)} for a rule without a name at this position`;
  report({ path: ['filesystem', index, 'id'], what: 'wrong identifier', found: quote(id), expected });
  return undefined;
}

function readMount(mount: unknown, path: Path, report: Report): string | undefined {
  if (typeof mount !== 'string') return undefined;
  const fault = mountFault(mount);
  if (fault === undefined) return mount.length > 1 && mount.endsWith('/') ? mount.slice(0, -1) : mount;
  report({ path, what: 'wrong mount', found: quote(mount), ...fault });
  return undefined;
}

function mountFault(mount: string): Pick<Issue, 'expected' | 'hint'> | undefined {
  if (!mount.startsWith('/')) {
    return {
      expected: 'an absolute guest path',
      ...(mount === '' ? {} : { hint: `did you mean ${quote(`/${mount}`)}?` }),
    };
  }
  const components = mount.slice(1).split('/');
  if (components.length > 1 && components.at(-1) === '') components.pop();
  if (mount !== '/' && components.includes('')) return { expected: 'a path without empty components' };
  if (components.some((component) => component === '.' || component === '..')) {
    return { expected: 'a path without `.` and `..`' };
  }
  return undefined;
}

function readHost(host: unknown, path: Path, report: Report): string | undefined {
  if (typeof host !== 'string' || NAME.test(host) || isLiteralHostPath(host)) return asString(host);
  const expected =
    'the name of a directory that the embedder binds, or a path that starts with `/`, `./` or `../`';
  const hint = hostHint(host);
  report({
    path,
    what: 'wrong host directory',
    found: quote(host),
    expected,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

function hostHint(host: string): string | undefined {
  if (host === '.' || host === '..') return `did you mean "${host}/"?`;
  if (host.startsWith('~')) return '`~` is not expanded: write the whole path';
  return host.includes('/') ? `did you mean ${quote(`./${host}`)}?` : undefined;
}

/**
 * Whether `host` of a filesystem rule is a path of the machine, not a name that the embedder binds. Only an embedder that
 * allows literal paths may bind one; a relative one counts from the policy file.
 */
export function isLiteralHostPath(host: string): boolean {
  return host.startsWith('/') || host.startsWith('./') || host.startsWith('../');
}

function readAccess(access: unknown, path: Path, report: Report): readonly AccessWord[] {
  if (typeof access === 'string') {
    if (isShortName(access)) return SORTED_SHORT_NAMES[access];
    report({ path, what: 'wrong value', ...accessFault(access) });
    return [];
  }
  if (!Array.isArray(access)) return [];
  const words = new Set<AccessWord>();
  access.forEach((word: unknown, index) => {
    if (isAccessWord(word) && words.has(word)) {
      report({ path: [...path, index], what: 'duplicate element', found: show(word) });
    } else if (isAccessWord(word)) {
      words.add(word);
    } else {
      report({ path: [...path, index], what: 'wrong value', ...wordFault(word) });
    }
  });
  return Object.freeze(SORTED_WORDS.filter((word) => words.has(word)));
}

const SORTED_WORDS = ACCESS_WORDS.toSorted();
const SORTED_SHORT_NAMES: typeof ACCESS_SHORT_NAMES = Object.freeze({
  read: Object.freeze(ACCESS_SHORT_NAMES.read.toSorted()),
  'read-write': Object.freeze(ACCESS_SHORT_NAMES['read-write'].toSorted()),
});

function isShortName(value: string): value is AccessShortName {
  return Object.hasOwn(ACCESS_SHORT_NAMES, value);
}

function isAccessWord(value: unknown): value is AccessWord {
  return (ACCESS_WORDS as readonly unknown[]).includes(value);
}

function accessFault(found: string): Pick<Issue, 'found' | 'expected' | 'hint'> {
  const expected = '"read", "read-write", or a list of access words';
  const suggestion = suggest(found, Object.keys(ACCESS_SHORT_NAMES));
  const hint = isAccessWord(found)
    ? `did you mean [${quote(found)}]?`
    : suggestion && `did you mean ${quote(suggestion)}?`;
  return { found: quote(found), expected, ...(hint === undefined ? {} : { hint }) };
}

function wordFault(found: unknown): Pick<Issue, 'found' | 'expected' | 'hint'> {
  const suggestion = typeof found === 'string' ? suggest(found, ACCESS_WORDS) : undefined;
  const hint =
    found === 'read-write'
      ? '`"read-write"` stands alone, without a list'
      : suggestion && `did you mean \`${suggestion}\`?`;
  return {
    found: show(found),
    expected: listWords(ACCESS_WORDS, 'or'),
    ...(hint === undefined ? {} : { hint }),
  };
}

function readQuota(quota: unknown, path: Path, report: Report): FilesystemQuota | undefined {
  if (!isObject(quota)) return undefined;
  return compact<FilesystemQuota>({
    bytes: readUnit(quota['bytes'], [...path, 'bytes'], report, parseBytes),
    files: asInteger(quota['files']),
  });
}
