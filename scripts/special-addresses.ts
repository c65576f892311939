// node scripts/special-addresses.ts --date YYYY-MM-DD IPV4.csv IPV6.csv: writes the table of src/kernel/egress from the CSV
// files of IANA's special-purpose address registries, as they were on that day:
//   https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry-1.csv
//   https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry-1.csv
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCidr } from '../src/policy/address/cidr.ts';
import { writeIfChanged } from './write-if-changed.ts';

const TARGET = join(import.meta.dirname, '..', 'src', 'kernel', 'egress', 'special-address-registry.ts');

const COLUMNS =
  'Address Block,Name,RFC,Allocation Date,Termination Date,Source,Destination,Forwardable,Globally Reachable,Reserved-by-Protocol';

const { values, positionals } = parseArgs({
  options: { date: { type: 'string' } },
  allowPositionals: true,
});
if (values.date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(values.date) || positionals.length !== 2)
  throw new Error('usage: node scripts/special-addresses.ts --date YYYY-MM-DD IPV4.csv IPV6.csv');

const texts = await Promise.all(positionals.map((file) => readFile(file, 'utf8')));
const rows = texts.flatMap((text) => readRegistry(text));
await writeIfChanged(TARGET, moduleOf(values.date, rows));
console.log(`${rows.length} blocks in ${TARGET}`);

interface Row {
  readonly block: string;
  readonly name: string;
  readonly source: string;
  readonly isPublic: boolean;
}

function readRegistry(text: string): Row[] {
  const [columns, ...records] = readCsv(text);
  if (columns?.join(',') !== COLUMNS)
    throw new Error(`these are not the columns of the registry: ${columns?.join(',')}`);
  return records.flatMap(([blocks = '', name = '', rfc = '', , , , , , reachable = '']) =>
    // `192.0.0.170/32, 192.0.0.171/32` are two; ` [2]` is a footnote.
    withoutNotes(blocks)
      .split(', ')
      .map((block) => {
        if (parseCidr(block) === undefined) throw new Error(`no block of addresses: ${block}`);
        // Footnotes and `N/A` say that it depends, nothing says that the allocation has ended: neither is `True`.
        const isPublic = withoutNotes(reachable) === 'True';
        return { block, name: name.replaceAll('"', ''), source: sourceOf(rfc), isPublic };
      }),
  );
}

function withoutNotes(cell: string): string {
  return cell.replaceAll(/ \[\d+\]/g, '').trim();
}

/** `[RFC8190]\n [RFC919], Section 7` is `RFC 8190, RFC 919, section 7`. */
function sourceOf(rfc: string): string {
  return rfc
    .replaceAll(/\]\s*\[/g, ', ')
    .replaceAll(/[[\]]/g, '')
    .replaceAll(/RFC(?=\d)/g, 'RFC ')
    .replaceAll('Section', 'section');
}

/** RFC 4180, with quotes and line breaks in quoted cells. */
function readCsv(text: string): string[][] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)];
  const records: string[][] = [[]];
  for (const [, quoted, plain = '', end] of cells) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') records.push([]);
  }
  return records.filter((record) => record.length > 1);
}

function moduleOf(date: string, rows: readonly Row[]): string {
  const lines = rows.map(({ block, name, source, isPublic }) =>
    [`  [${quote(block)}, ${quote(name)}, ${quote(source)}, ${isPublic}],`].join(''),
  );
  return `// Made by scripts/special-addresses.ts from IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).

/** The day of which these are the registries. */
export const REGISTRY_DATE = '${date}';

/** \`isPublic\`: the registry calls it globally reachable, without an if. */
export type RegistryRow = readonly [block: string, name: string, source: string, isPublic: boolean];

export const REGISTRY: readonly RegistryRow[] = [
${lines.join('\n')}
];
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
