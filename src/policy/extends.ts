import { bareObject } from './bare.ts';
import { examine } from './examine.ts';
import { readDocument } from './document-source.ts';
import { PRESET_PREFIX, PRESETS } from './presets.ts';
import type { ProblemList } from './problem-list.ts';
import type { RuleSection, UnnamedRules } from './rules.ts';
import { RULE_SECTIONS } from './rules.ts';
import type { Sections } from './sections.ts';
import type { Source } from './source.ts';
import { suggest } from './suggest.ts';
import { quote } from './text.ts';
import { readText } from './text-source.ts';
import { isLiteralHostPath, mapSources } from './volumes.ts';
import { isObject } from './values.ts';

/**
 * Finds the policy that `extends` names.
 *
 * @param name as it stands in `extends`; never a preset
 * @param from the file of the policy that extends it, as the caller or an earlier answer named it
 * @returns undefined when there is no such policy
 */
export type PolicyResolver = (name: string, from: string | undefined) => PolicySource | undefined;

/** A policy as text or as an object. `file` names it in errors and tells cycles; without one, `name` does. */
export type PolicySource =
  | { readonly text: string; readonly file?: string }
  | { readonly document: unknown; readonly file?: string };

/** A document together with everything that it extends. */
export interface Layer {
  readonly sections: Sections;
  /** Of all sections. */
  readonly rules: readonly RuleEntry[];
  /** Longest chain of `extends` below. */
  readonly height: number;
}

/** A rule and where it stands. */
export type RuleEntry = { [S in RuleSection]: RuleEntryOf<S> }[RuleSection];

interface RuleEntryOf<S extends RuleSection> {
  readonly section: S;
  readonly rule: UnnamedRules[S];
  readonly source: Source;
  readonly index: number;
}

const MAX_HEIGHT = 16;

/** Where a document's own relative host paths count from, seen from the first document; undefined: nobody knows. */
type Base = string | undefined;

export class Loader {
  readonly #resolve: PolicyResolver | undefined;
  readonly #problems: ProblemList;
  readonly #layers = new Map<string, Layer>();

  constructor(resolve: PolicyResolver | undefined, problems: ProblemList) {
    this.#resolve = resolve;
    this.#problems = problems;
  }

  load(source: Source): Layer {
    return this.#load(source, source.file === undefined ? [] : [source.file], 0, '');
  }

  #load(source: Source, chain: readonly string[], depth: number, base: Base): Layer {
    const { sections, issues } = examine(source);
    this.#problems.add(source, issues);
    const below = extended(source.value).map(([index, name]) =>
      this.#base(name, index, source, chain, depth, base),
    );
    const own = entriesOf(sections, source).map((entry) => this.#moved(entry, base));
    return merge(
      below.filter((layer) => layer !== undefined),
      { sections, rules: own, height: 0 },
    );
  }

  #base(
    name: string,
    index: number,
    source: Source,
    chain: readonly string[],
    depth: number,
    base: Base,
  ): Layer | undefined {
    const fail = (what: string, details: { expected?: string; hint?: string } = {}): undefined => {
      this.#problems.add(source, [{ path: ['extends', index], what, found: quote(name), ...details }]);
    };
    const found = this.#find(name, source.file);
    if (found === undefined) return fail('no such policy', { expected: EXPECTED, ...hintFor(name) });
    const identity = found.file ?? name;
    if (chain.includes(identity))
      return fail(`a cycle of \`extends\`: ${[...chain, identity].map(quote).join(' → ')}`);
    if (depth === MAX_HEIGHT)
      return fail('`extends` goes too deep', { expected: `at most ${MAX_HEIGHT} levels` });
    const layer =
      this.#layers.get(identity) ??
      this.#load(read(found, identity), [...chain, identity], depth + 1, baseOf(name, base));
    this.#layers.set(identity, layer);
    if (depth + 1 + layer.height > MAX_HEIGHT) {
      return fail('`extends` goes too deep', { expected: `at most ${MAX_HEIGHT} levels` });
    }
    return layer;
  }

  #find(name: string, from: string | undefined): PolicySource | undefined {
    if (!name.startsWith(PRESET_PREFIX)) return this.#resolve?.(name, from);
    const text = PRESETS.get(name.slice(PRESET_PREFIX.length));
    return text === undefined ? undefined : { text, file: name };
  }

  /** A relative host path counts from the file that it stands in, so it changes on its way into another one. */
  #moved(entry: RuleEntry, base: Base): RuleEntry {
    if (entry.section !== 'filesystem' || base === '') return entry;
    const rule = mapSources(entry.rule, ({ name, path }) => {
      if (!isLiteralHostPath(name) || name.startsWith('/')) return name;
      if (base !== undefined) return join(base, name);
      const what = 'a relative host path in a policy that is not extended by its path';
      const expected = 'a name, or an absolute path';
      this.#problems.add(entry.source, [
        { path: ['filesystem', entry.index, ...path], what, found: quote(name), expected },
      ]);
      return name;
    });
    return { ...entry, rule };
  }
}

function entriesOf(sections: Sections, source: Source): RuleEntry[] {
  return RULE_SECTIONS.flatMap((section) =>
    (sections[section] ?? []).map((rule, index) => ({ section, rule, source, index }) as RuleEntry),
  );
}

/** The names in `extends` and their positions, as far as they can be read; the schema reports the rest. */
function extended(document: unknown): readonly (readonly [index: number, name: string])[] {
  const names = isObject(document) ? document['extends'] : undefined;
  if (!Array.isArray(names)) return [];
  return names.flatMap((name: unknown, index) =>
    typeof name === 'string' && name !== '' ? [[index, name] as const] : [],
  );
}

function read(found: PolicySource, identity: string): Source {
  return 'text' in found ? readText(found.text, identity) : readDocument(found.document, identity);
}

function merge(below: readonly Layer[], own: Layer): Layer {
  const layers = [...below, own];
  // A policy that is extended on two ways gives its rules once.
  const rules = new Set(layers.flatMap((layer) => layer.rules));
  const { $schema, name, description } = own.sections;
  const sections = Object.assign(bareObject(), ...layers.map((layer) => layer.sections), {
    $schema,
    name,
    description,
  }) as Sections;
  const height = Math.max(0, ...below.map((layer) => layer.height + 1));
  return { sections, rules: [...rules], height };
}

function baseOf(name: string, base: Base): Base {
  if (!isLiteralHostPath(name)) return undefined;
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  if (folder.startsWith('/')) return folder;
  return base === undefined ? undefined : join(base, folder);
}

/** Never resolves `..`: what is above a symbolic link, only the machine knows. */
function join(base: string, path: string): string {
  if (base === '') return path;
  return base + (path.startsWith('./') ? path.slice(2) : path);
}

const NAMES = [...PRESETS.keys()].map((name) => `"${PRESET_PREFIX}${name}"`);
const EXPECTED = `one of the presets ${NAMES.join(', ')}, or a policy that the caller can resolve`;

function hintFor(name: string): { hint?: string } {
  const bare = name.startsWith(PRESET_PREFIX) ? name.slice(PRESET_PREFIX.length) : name;
  const suggestion = suggest(bare, PRESETS.keys());
  return suggestion === undefined ? {} : { hint: `did you mean "${PRESET_PREFIX}${suggestion}"?` };
}
