// Turns what the compiled schema reports into one issue for each place.
//
// The schema keeps two conventions that make this possible (a test holds it to them): an anyOf has at most one alternative
// for each JSON type, and a oneOf stands only for "exactly one of these keys".
import { fromPointer } from './source.ts';
import type { Issue, Path } from './source.ts';
import { suggest } from './suggest.ts';
import { listWords, quote, show } from './text.ts';
import { validatePolicySchema } from './validator.generated.js';
import type { SchemaViolation } from './validator.generated.js';

/** Violations that are looked at; a document made to have more must not cost more. */
const LOOKED_AT = 1000;

/** @returns nothing for a valid document, and only for a valid one */
export function schemaIssues(document: unknown): Issue[] {
  const violations = validatePolicySchema(document);
  const [first] = violations;
  if (first === undefined) return [];
  const places = groupByPlace(violations.slice(0, LOOKED_AT)).values();
  const issues = [...places].flatMap(issuesOfPlace);
  // Should all of them have passed for noise, the document is no more valid for it.
  return issues.length > 0 ? issues : [valueIssue(fromPointer(first.instancePath), first)];
}

type Place = SchemaViolation[];

function groupByPlace(violations: readonly SchemaViolation[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const violation of violations) {
    if (violation.propertyName !== undefined || /\/oneOf\/\d/.test(violation.schemaPath)) continue;
    const place = places.get(violation.instancePath);
    if (place === undefined) places.set(violation.instancePath, [violation]);
    else place.push(violation);
  }
  return places;
}

/** Keywords that say something about the keys of an object, each about another one. */
const KEY_KEYWORDS = new Set([
  'additionalProperties',
  'required',
  'propertyNames',
  'oneOf',
  'minProperties',
  'maxProperties',
]);

function issuesOfPlace(place: Place): Issue[] {
  const path = fromPointer(place[0]?.instancePath ?? '');
  const data = place[0]?.data;
  const aboutKeys = place.filter(({ keyword }) => KEY_KEYWORDS.has(keyword));
  if (aboutKeys.length > 0 && typeOf(data) === 'object') return keyIssues(path, aboutKeys);
  const aboutValue = place.filter(({ keyword }) => !KEY_KEYWORDS.has(keyword));
  const anyOf = aboutValue.find(({ keyword }) => keyword === 'anyOf');
  if (anyOf === undefined) return firstIssue(path, aboutValue);
  if (!hasAlternativeFor(data, anyOf)) return [valueIssue(path, anyOf)];
  // The alternative of this type says what is wrong, here or further inside; what the others say is noise.
  return firstIssue(
    path,
    aboutValue.filter(({ keyword }) => !['type', 'enum', 'const', 'anyOf'].includes(keyword)),
  );
}

function firstIssue(path: Path, [violation]: readonly SchemaViolation[]): Issue[] {
  return violation === undefined ? [] : [valueIssue(path, violation)];
}

/** Of containers only: a scalar is described best by all alternatives together. */
function hasAlternativeFor(data: unknown, { parentSchema }: SchemaViolation): boolean {
  const type = typeOf(data);
  const alternatives = parentSchema['anyOf'] as readonly { readonly type?: string }[];
  return type !== 'scalar' && alternatives.some((alternative) => alternative.type === type);
}

function typeOf(data: unknown): 'array' | 'object' | 'scalar' {
  if (Array.isArray(data)) return 'array';
  return typeof data === 'object' && data !== null ? 'object' : 'scalar';
}

function keyIssues(path: Path, place: Place): Issue[] {
  const issues: Issue[] = [];
  const meant = new Set<string>();
  for (const violation of place) {
    if (violation.keyword !== 'additionalProperties') continue;
    issues.push(unknownKey(path, violation, meant));
  }
  for (const violation of place) {
    if (violation.keyword === 'additionalProperties') continue;
    const issue = aboutKeys(path, violation, meant);
    if (issue !== undefined) issues.push(issue);
  }
  return issues;
}

/** `meant` collects the keys that the unknown ones were probably meant to be, so that those are not reported missing. */
function unknownKey(path: Path, { params, parentSchema, data }: SchemaViolation, meant: Set<string>): Issue {
  const key = params['additionalProperty'] as string;
  const known = Object.keys(parentSchema['properties'] ?? {}).filter((name) => name !== '$schema');
  const suggestion = suggest(
    key,
    known.filter((name) => !hasKey(data, name)),
  );
  if (suggestion !== undefined) meant.add(suggestion);
  return {
    path: [...path, key],
    onKey: true,
    what: 'unknown key',
    found: quote(key),
    expected:
      known.length === 0 ? 'no keys' : `${known.length === 1 ? '' : 'one of '}${listWords(known, 'or')}`,
    ...(suggestion === undefined ? {} : { hint: `did you mean \`${suggestion}\`?` }),
  };
}

function aboutKeys(path: Path, violation: SchemaViolation, meant: ReadonlySet<string>): Issue | undefined {
  const { keyword, params, parentSchema, data } = violation;
  switch (keyword) {
    case 'required': {
      const key = params['missingProperty'] as string;
      return meant.has(key) ? undefined : { path, what: 'missing key', expected: `\`${key}\`` };
    }
    case 'propertyNames': {
      const key = params['propertyName'] as string;
      const expected =
        path[0] === 'environment' ? 'a name without `=`, not empty' : 'a lower-case header name';
      return { path: [...path, key], onKey: true, what: 'not a valid name', found: quote(key), expected };
    }
    default: {
      const keys = exclusiveKeys(parentSchema);
      if (keys.some((key) => meant.has(key))) return undefined;
      const expected = `${keyword === 'minProperties' && parentSchema['maxProperties'] !== 1 ? 'at least' : 'exactly'} one of ${listWords(keys, 'and')}`;
      const present = keys.filter((key) => hasKey(data, key));
      return {
        path,
        what: 'wrong keys',
        found: present.length === 0 ? 'none of them' : listWords(present, 'and'),
        expected,
      };
    }
  }
}

function exclusiveKeys(schema: SchemaViolation['parentSchema']): string[] {
  const alternatives = schema['oneOf'] as readonly { readonly required: readonly string[] }[] | undefined;
  return alternatives?.flatMap(({ required }) => required) ?? Object.keys(schema['properties'] ?? {});
}

function hasKey(data: unknown, key: string): boolean {
  return typeof data === 'object' && data !== null && key in data;
}

function valueIssue(path: Path, violation: SchemaViolation): Issue {
  const { data, keyword, params, parentSchema } = violation;
  if (keyword === 'uniqueItems') return duplicateElement(path, violation);
  const allowed = params['allowedValues'] as readonly string[] | undefined;
  const suggestion = typeof data === 'string' && allowed !== undefined ? suggest(data, allowed) : undefined;
  const description = parentSchema['description'];
  return {
    path,
    what: 'wrong value',
    found:
      keyword === 'maxItems' || keyword === 'maxLength' ? `more than ${String(params['limit'])}` : show(data),
    expected: typeof description === 'string' ? description : expectation(keyword, params, parentSchema),
    ...(suggestion === undefined ? {} : { hint: `did you mean "${suggestion}"?` }),
  };
}

function duplicateElement(path: Path, { data, params }: SchemaViolation): Issue {
  const later = Math.max(params['i'] as number, params['j'] as number);
  return {
    path: [...path, later],
    what: 'duplicate element',
    found: show((data as readonly unknown[])[later]),
  };
}

function expectation(
  keyword: string,
  params: SchemaViolation['params'],
  schema: SchemaViolation['parentSchema'],
): string {
  const limit = String(params['limit']);
  switch (keyword) {
    case 'type':
      return TYPES.get(String(params['type'])) ?? String(params['type']);
    case 'enum':
      return (params['allowedValues'] as readonly unknown[]).map(show).join(', ');
    case 'const':
      return show(params['allowedValue']);
    case 'minimum':
      return `an integer of at least ${limit}`;
    case 'maximum':
      return `an integer of at most ${limit}`;
    case 'minItems':
    case 'minLength':
      return schema['type'] === 'array' ? 'at least one element' : 'text that is not empty';
    case 'maxItems':
      return `at most ${limit} elements`;
    case 'maxLength':
      return `at most ${limit} characters`;
    default:
      return `text of the form ${(params['pattern'] as string | undefined) ?? keyword}`;
  }
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['object', 'an object'],
  ['array', 'an array'],
  ['string', 'a string'],
  ['integer', 'an integer'],
  ['boolean', 'true or false'],
]);
