// Compiles policies/policy.schema.json ahead of time: at run time neither ajv nor the time to compile a schema is needed, and
// no code is made from strings.
//
// What the schema says to people (titles, examples, descriptions of properties) stays out of it. The descriptions of $defs
// stay in: they are what an error message says was expected, and reach it as `parentSchema.description`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, type Plugin } from 'esbuild';
import { writeIfChanged } from './write-if-changed.ts';

const ROOT = join(import.meta.dirname, '..');
const SCHEMA_FILE = join(ROOT, 'policies', 'policy.schema.json');
const TARGET = join(ROOT, 'src', 'policy', 'validator.generated');

const DECLARATIONS = `/** One violation of policies/policy.schema.json, as ajv reports it in verbose mode. */
export interface SchemaViolation {
  /** The keyword of the schema that was violated, such as \`required\` or \`additionalProperties\`. */
  readonly keyword: string;
  /** JSON pointer into the document. */
  readonly instancePath: string;
  /** JSON pointer (with \`#\`) into the schema. */
  readonly schemaPath: string;
  /** What the keyword says about it, for instance \`{ missingProperty: 'version' }\`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Set when the name of a property, not its value, is at fault. */
  readonly propertyName?: string;
  /** The keyword's value in the schema. */
  readonly schema: unknown;
  /** The schema object that holds the keyword. */
  readonly parentSchema: Readonly<Record<string, unknown>>;
  /** The part of the document at \`instancePath\`. */
  readonly data: unknown;
}

/** Every violation, in the order of the schema; empty for a valid document. The document is not changed. */
export function validatePolicySchema(document: unknown): readonly SchemaViolation[];
`;

export async function generateValidator(): Promise<void> {
  const schema = withoutProse(JSON.parse(await readFile(SCHEMA_FILE, 'utf8')) as JsonObject);
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    // A document's inherited properties are not its content.
    ownProperties: true,
    strict: true,
    strictTypes: true,
    strictRequired: false,
    allowUnionTypes: true,
    messages: false,
    // One function for each definition: a third less code to load.
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  const compiled = standaloneCode.default(ajv, ajv.compile(schema));
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, sourcefile: 'validator.js' },
    plugins: [inMemory('compiled-schema', compiled)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['main'],
    target: 'es2024',
    minify: true,
    treeShaking: true,
    legalComments: 'none',
  });
  const code = bundle.outputFiles[0];
  if (code === undefined) throw new Error('esbuild made no output');
  await writeIfChanged(
    `${TARGET}.js`,
    `// Made by scripts/generate-validator.ts with ajv (MIT, see NOTICE).\n${code.text}`,
  );
  await writeIfChanged(`${TARGET}.d.ts`, DECLARATIONS);
}

const ENTRY = `
import validate from 'compiled-schema';
export function validatePolicySchema(document) {
  if (validate(document)) return [];
  const violations = validate.errors;
  validate.errors = null;
  return violations;
}
`;

/** Lets the entry import code that exists only here; its own imports (ajv's helpers) resolve from the repository. */
function inMemory(name: string, contents: string): Plugin {
  return {
    name,
    setup(bundler) {
      bundler.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
      bundler.onLoad({ filter: /.*/, namespace: name }, () => ({ contents, resolveDir: ROOT }));
    },
  };
}

interface JsonObject {
  readonly [key: string]: unknown;
}

function withoutProse(schema: JsonObject): JsonObject {
  const definitions = Object.entries(schema['$defs'] as Record<string, JsonObject>);
  return {
    ...strip(schema),
    $defs: Object.fromEntries(
      definitions.map(([name, definition]) => [
        name,
        { ...strip(definition), description: definition['description'] },
      ]),
    ),
  };
}

function strip(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(
    ([key]) => !['title', 'description', 'examples', '$defs'].includes(key),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, stripKeyword(key, value)]));
}

function stripKeyword(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties': {
      const properties = Object.entries(value as Record<string, JsonObject>);
      return Object.fromEntries(properties.map(([name, schema]) => [name, strip(schema)]));
    }
    case 'anyOf':
    case 'oneOf':
      return (value as readonly JsonObject[]).map(strip);
    case 'items':
    case 'additionalProperties':
      return typeof value === 'object' ? strip(value as JsonObject) : value;
    default:
      return value;
  }
}
