import { readAccess } from './access.ts';
import { readBudget, readQuota } from './bounds.ts';
import { readExcept, readPaths } from './patterns.ts';
import { readId, readRules } from './rules.ts';
import type { UnnamedRules } from './rules.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote, show } from './text.ts';
import type { FilesystemRule } from './types.ts';
import { readDuration, readInstant } from './times.ts';
import { asString, compact, isObject } from './values.ts';
import type { JsonObject } from './values.ts';
import { readHost, readImage, readMemory, readOverlay, writesToHost } from './volumes.ts';
import type { AccessWord } from './words.ts';

export function readFilesystem(section: unknown, report: Report): readonly UnnamedRule[] | undefined {
  return readRules(section, 'filesystem', report, readRule);
}

type UnnamedRule = UnnamedRules['filesystem'];

function readRule(rule: JsonObject, path: Path, report: Report): UnnamedRule {
  const at = (key: string): Path => [...path, key];
  const read = compact<UnnamedRule>({
    id: readId(rule['id'], path, report),
    description: asString(rule['description']),
    mount: readMount(rule['mount'], at('mount'), report) ?? '',
    host: readHost(rule['host'], at('host'), report),
    memory: readMemory(rule['memory'], at('memory'), report),
    overlay: readOverlay(rule['overlay'], at('overlay'), report),
    image: readImage(rule['image'], at('image'), report),
    access: readAccess(rule['access'], at('access'), report),
    paths: readPaths(rule['paths'], at('paths'), report),
    except: readExcept(rule['except'], at('except'), report),
    conceal: rule['conceal'] === true ? true : undefined,
    quota: readQuota(rule['quota'], at('quota'), report),
    budget: readBudget(rule['budget'], at('budget'), report),
    timestamps: readTimestamps(rule['timestamps'], at('timestamps'), report),
    umask: asString(rule['umask'])?.slice(-3),
  });
  checkImageAccess(read, rule['access'], at('access'), report);
  checkWords(read, path, report);
  return read;
}

/** What an image never allows must not be promised. */
function checkImageAccess(
  { image, access }: UnnamedRule,
  written: unknown,
  path: Path,
  report: Report,
): void {
  if (image === undefined) return;
  const impossible = access.find((word) => !READING.has(word));
  if (impossible === undefined) return;
  report({
    path,
    what: 'an image is read-only',
    found: show(typeof written === 'string' ? written : impossible),
    expected: '"read", or a list of `read` and `list`',
    hint: 'put a writable layer over it: `overlay`, or `memory` with `from`',
  });
}

const READING: ReadonlySet<AccessWord> = new Set(['read', 'list']);

/** Words that mean nothing beside what the rule has are mistakes. */
function checkWords(rule: UnnamedRule, path: Path, report: Report): void {
  if (rule.umask !== undefined && !writesToHost(rule)) {
    const hint = 'files in memory have no permission bits';
    report({ path: [...path, 'umask'], onKey: true, what: '`umask` needs a host directory', hint });
  }
  if (rule.conceal === true && rule.paths === undefined && rule.except === undefined) {
    const expected = '`paths` or `except` beside it';
    report({ path: [...path, 'conceal'], onKey: true, what: '`conceal` has nothing to conceal', expected });
  }
}

/** Absent for what holds without it, so that one meaning has one form. */
function readTimestamps(timestamps: unknown, path: Path, report: Report): FilesystemRule['timestamps'] {
  if (timestamps === false) return false;
  if (!isObject(timestamps)) return undefined;
  const resolution = readDuration(timestamps['resolution'], [...path, 'resolution'], report);
  const fixed = readInstant(timestamps['fixed'], [...path, 'fixed'], report);
  if (resolution !== undefined) return resolution === EXACT ? undefined : Object.freeze({ resolution });
  return fixed === undefined ? undefined : Object.freeze({ fixed });
}

/** Times have no smaller part. */
const EXACT = '1ns';

function readMount(mount: unknown, path: Path, report: Report): string | undefined {
  if (typeof mount !== 'string') return undefined;
  const fault = mountFault(mount);
  if (fault === undefined) return mount.length > 1 && mount.endsWith('/') ? mount.slice(0, -1) : mount;
  report({ path, what: 'wrong mount', found: quote(mount), ...fault });
  return undefined;
}

function mountFault(mount: string): Fault | undefined {
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
  // Never guessed: what an asterisk means in the middle of a path, systems disagree on (CVE-2024-21890).
  if (mount.includes('*')) {
    return { expected: 'a path without `*`', hint: 'patterns stand in `paths` and `except`' };
  }
  return undefined;
}
