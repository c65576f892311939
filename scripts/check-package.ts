// Packs the package as it would be published and asks publint and are-the-types-wrong what they think of the tarball.
import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '..');

function run(command: string, flags: readonly string[]): void {
  execFileSync(command, flags, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
}

interface Packed {
  readonly filename: string;
}

try {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'bailiwick-pack-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder.path];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' })) as Packed[];
  if (packed === undefined) throw new Error('npm pack made no tarball');
  const tarball = join(folder.path, packed.filename);
  run('publint', ['run', tarball, '--strict']);
  // ESM only, on purpose: CommonJS projects load it through import() or Node's require(esm).
  run('attw', [
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'table',
    '--exclude-entrypoints',
    './schema.json',
    './package.json',
  ]);
} catch {
  // The tools have said what is wrong.
  process.exitCode = 1;
}
