import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '../../node_modules');

/** What jco ships besides its code: adapters and WIT packages. */
export const JCO: string = join(PACKAGES, '@bytecodealliance/jco/lib');

/** @returns NAME@VERSION of an installed package, for the key of what it builds */
export async function packageVersion(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(PACKAGES, name, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `${name}@${version}`;
}
