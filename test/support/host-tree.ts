import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a directory holds: text of a file, `-> target` of a symlink, or a directory. */
export interface Tree {
  readonly [name: string]: string | Tree;
}

/** A directory of the host that lives as long as the test: `using tree = hostTree({ … })`. */
export interface HostTree extends Disposable {
  readonly path: string;
  /** Everything below, for comparing: contents, targets, modes, times and link counts. */
  readonly snapshot: () => Record<string, string>;
}

const LINK = '-> ';

export function hostTree(tree: Tree): HostTree {
  const path = mkdtempSync(join(tmpdir(), 'bailiwick-tree-'));
  put(path, tree);
  return {
    path,
    snapshot: () => Object.fromEntries(look(path, '')),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

function put(directory: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(directory, name);
    if (typeof content !== 'string') {
      mkdirSync(path);
      put(path, content);
    } else if (content.startsWith(LINK)) symlinkSync(content.slice(LINK.length), path);
    else writeFileSync(path, content);
  }
}

function look(root: string, path: string): [string, string][] {
  return readdirSync(join(root, path))
    .toSorted()
    .flatMap((name) => {
      const child = path === '' ? name : `${path}/${name}`;
      const stats = lstatSync(join(root, child), { bigint: true });
      const about = `${stats.mode.toString(8)} ${stats.nlink} ${stats.mtimeNs}`;
      if (stats.isDirectory()) return [[`${child}/`, about], ...look(root, child)];
      const content = stats.isSymbolicLink()
        ? `${LINK}${readlinkSync(join(root, child))}`
        : stats.isFile()
          ? readFileSync(join(root, child), 'utf8')
          : '';
      return [[child, `${about} ${content}`]];
    });
}

/** @returns names and contents of a snapshot, without modes, times and link counts */
export function contents(tree: HostTree): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree.snapshot()).map(([name, about]) => [name, about.split(' ').slice(3).join(' ')]),
  );
}
