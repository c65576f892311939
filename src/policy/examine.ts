import { bareObject } from './bare.ts';
import { schemaIssues } from './schema-issues.ts';
import { readSections } from './sections.ts';
import type { Sections } from './sections.ts';
import { toPointer } from './source.ts';
import type { Issue, Report, Source } from './source.ts';
import { show } from './text.ts';
import { isObject } from './values.ts';

/** What one document says and everything that is wrong with it, leaving `extends` and what rules say together aside. */
export interface Examined {
  readonly sections: Sections;
  readonly issues: readonly Issue[];
}

export function examine(source: Source): Examined {
  const { value } = source;
  if (value === undefined) return { sections: NOTHING, issues: source.issues };
  if (isObject(value) && isOtherVersion(value['version']))
    return { sections: NOTHING, issues: [otherVersion(value['version'])] };
  const collector = new Collector(source.issues);
  let sections = NOTHING;
  if (isObject(value)) {
    collector.stage((report) => (sections = readSections(value, report)));
  }
  collector.stage((report) => schemaIssues(value).forEach(report));
  return { sections, issues: collector.issues };
}

const NOTHING: Sections = Object.freeze(bareObject());

/** The rules of this version say nothing about a document of another one. */
function isOtherVersion(version: unknown): boolean {
  return typeof version === 'number' && version !== 1;
}

function otherVersion(version: unknown): Issue {
  return {
    path: ['version'],
    what: 'wrong version',
    found: show(version),
    expected: '1, the version that this release knows',
  };
}

/** Keeps one stage from repeating, in other words, what an earlier and closer one has said about the same place. */
class Collector {
  readonly issues: Issue[];
  readonly #places: Set<string>;

  constructor(issues: readonly Issue[]) {
    this.issues = [...issues];
    this.#places = new Set(issues.map(placeOf));
  }

  stage(run: (report: Report) => void): void {
    const before = this.issues.length;
    run((issue) => {
      if (this.#places.size === 0 || !this.#places.has(placeOf(issue))) this.issues.push(issue);
    });
    for (const issue of this.issues.slice(before)) this.#places.add(placeOf(issue));
  }
}

function placeOf({ path, onKey }: Issue): string {
  return `${onKey === true ? 'key' : 'value'} ${toPointer(path)}`;
}
