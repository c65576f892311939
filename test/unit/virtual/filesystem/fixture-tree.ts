import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { OpenMode, type VolumeDirectory } from '../../../../src/virtual/filesystem/volume.ts';
import { type Guest, nameOf, permitOf } from './guest.ts';

/** The tree that every operation starts from. */
const FILES = { file: 'hello', 'dir/inner': 'inner', other: 'other' };
const DIRECTORIES = ['dir', 'dir/sub', 'empty', 'full', 'full/child'];
const SYMLINKS = {
  link: 'file',
  dirlink: 'dir',
  emptylink: 'empty',
  dangling: 'nowhere',
  loop: 'loop',
  'dir/back': '../file',
  chain: 'link',
  up: '..',
  out: '../../../../etc/hostname',
  absolute: '/etc/hostname',
};

/** Builds the tree below the file system, which would refuse some of the symlinks. */
export function build(guest: Guest): void {
  const permit = permitOf(guest);
  const root = guest.root.mount.volume.openRoot(permit) as VolumeDirectory;
  const inDirectory = (path: string, make: (directory: VolumeDirectory, name: string) => number): void => {
    const names = path.split('/');
    const name = names.pop() ?? '';
    const [parent] = names;
    const directory = parent === undefined ? root : (root.openDirectory(permit, parent) as VolumeDirectory);
    const status = make(directory, name);
    if (parent !== undefined) directory.close();
    if (status !== 0) throw new Error(`${path}: ${nameOf(status)}`);
  };
  for (const path of DIRECTORIES)
    inDirectory(path, (directory, name) => directory.createDirectory(permit, name));
  for (const [path, target] of Object.entries(SYMLINKS)) {
    inDirectory(path, (directory, name) => directory.symlink(permit, name, target));
  }
  for (const [path, text] of Object.entries(FILES)) {
    inDirectory(path, (directory, name) => {
      const file = directory.openFile(permit, name, OpenMode.create | OpenMode.write);
      if (typeof file === 'number') return file;
      file.write(permit, Buffer.from(text), 0, text.length, 0);
      file.close();
      return 0;
    });
  }
  root.close();
}

export function buildTwin(root: string): void {
  mkdirSync(root, { recursive: true });
  for (const path of DIRECTORIES) mkdirSync(join(root, path));
  for (const [path, target] of Object.entries(SYMLINKS)) symlinkSync(target, join(root, path));
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(root, path), text);
}

export function treeOf(root: string, path = '.'): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, path))) {
    const child = path === '.' ? name : `${path}/${name}`;
    const stats = lstatSync(join(root, child));
    if (stats.isDirectory()) Object.assign(found, { [`${child}/`]: '' }, treeOf(root, child));
    else if (stats.isSymbolicLink()) {
      const target = readlinkSync(join(root, child));
      found[child] = target.startsWith('/') ? '-> (absolute)' : `-> ${target}`;
    } else found[child] = `= ${readFileSync(join(root, child), 'utf8')}`;
  }
  return found;
}
