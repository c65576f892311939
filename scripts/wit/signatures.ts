import { typeText } from '../../shims/canonical-abi/type-text.ts';
import type { Resolver } from './resolver.ts';
import type { WitInterface } from './syntax.ts';
import type { TypeNames } from './type-names.ts';

/** Shorter types are written where they are used. */
const WORTH_A_NAME = 30;

const NOTE =
  '/** Types of functions as `typeText` writes them, by interface (without its version) and name. */';

interface NamedText {
  readonly constant: string;
  readonly text: string;
}

/** Writes a table of all functions with the text of their types, in which types that have a name stand once. */
export function writeSignatures(resolver: Resolver, names: TypeNames): string {
  const scopes = [...resolver.interfaces.values()].filter(({ functions }) => functions.size > 0);
  const namedTexts = namedTextsOf(resolver, names);
  const tables = scopes.map((scope) => tableOf(scope, resolver, namedTexts));
  const bodies = tables.join('\n');
  const constants = namedTexts.map(({ constant, text }, index) => {
    const shorter = namedTexts.slice(0, index).toReversed();
    return `const ${constant} = ${template(text, shorter)};`;
  });
  const used = usedConstants(constants, bodies);
  return `${used.join('\n')}\n\n${NOTE}\nexport const SIGNATURES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([\n${bodies}\n]);\n`;
}

/** Shortest first: a type can only be part of a longer one. */
function namedTextsOf(resolver: Resolver, names: TypeNames): NamedText[] {
  const byText = new Map<string, string>();
  for (const home of resolver.interfaces.values())
    for (const [name, body] of home.types) {
      const declaration = { home, name, body };
      const text = typeText(resolver.declared(declaration));
      if (body.kind !== 'alias' && text.length > WORTH_A_NAME && !byText.has(text))
        byText.set(text, constantName(names.of(declaration)));
    }
  return [...byText]
    .map(([text, constant]) => ({ text, constant }))
    .toSorted((a, b) => a.text.length - b.text.length);
}

function tableOf(scope: WitInterface, resolver: Resolver, named: readonly NamedText[]): string {
  const longestFirst = named.toReversed();
  const rows = [...scope.functions].map(([name, type]) => {
    const text = typeText(resolver.functionType(scope, type));
    return `['${name}', ${template(text, longestFirst)}],`;
  });
  return `['${scope.path}', new Map([\n${rows.join('\n')}\n])],`;
}

function template(text: string, named: readonly NamedText[]): string {
  let result = text;
  for (const { text: part, constant } of named) result = result.replaceAll(part, `\${${constant}}`);
  return result.includes('${') ? `\`${result}\`` : `'${result}'`;
}

/** `DescriptorStat` is `DESCRIPTOR_STAT`. */
function constantName(name: string): string {
  return name.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '_').toUpperCase();
}

function usedConstants(constants: readonly string[], bodies: string): string[] {
  return constants.filter((line) => {
    const reference = `\${${line.split(' ')[1]}}`;
    return bodies.includes(reference) || constants.some((other) => other !== line && other.includes(reference));
  });
}
