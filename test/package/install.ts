import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '..', '..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; an exit code other than 0 is a result, not an exception. */
export async function run(command: string, flags: readonly string[], options: { cwd: string }): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      flags,
      { ...options, encoding: 'utf8', maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error ?? new Error('not started'));
      },
    );
  });
}

async function mustRun(command: string, flags: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, flags, { cwd });
  if (code !== 0) throw new Error(`${command} ${flags.join(' ')} failed with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

export interface Installed {
  /** The project that bailiwick was installed into. */
  readonly project: string;
  /** Paths inside the tarball. */
  readonly files: readonly string[];
}

/** Builds and packs the repository as it is now, and installs the tarball into an empty project. */
export async function packAndInstall(): Promise<Installed> {
  const project = await mkdtemp(join(tmpdir(), 'bailiwick-package-'));
  await mustRun('npm', ['run', '--silent', 'build'], ROOT);
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const [packed] = JSON.parse(await mustRun('npm', pack, ROOT)) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (packed === undefined) throw new Error('npm pack made no tarball');
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module', private: true }),
  );
  const flags = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  const tarball = join(project, packed.filename);
  await mustRun('npm', ['install', ...flags, tarball, ...(await runtimeDependencies())], project);
  return { project, files: packed.files.map(({ path }) => path) };
}

/**
 * The folders of everything that the lock file marks as needed at run time. They are handed to npm beside the tarball, so that
 * it finds them without a registry; with --offline, a dependency that is missing in package.json fails the installation.
 */
async function runtimeDependencies(): Promise<string[]> {
  interface Lock {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  }
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const needed = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );
  return needed.map(([path]) => join(ROOT, path));
}
