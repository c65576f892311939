import type { Mount } from './mount.ts';

/**
 * Where mounts lie below a directory. Only directories with a mount somewhere below them have one, so that a policy
 * without nested mounts pays nothing.
 */
export interface MountTree {
  /** The mount whose root this is, if it is a mount point. */
  mount: Mount | undefined;
  readonly children: Map<string, MountTree>;
}

/** @returns for each mount the tree below its root, or undefined when no other mount lies below. */
export function mountTrees(mounts: readonly Mount[]): ReadonlyMap<Mount, MountTree | undefined> {
  const root: MountTree = { mount: undefined, children: new Map() };
  const points = new Map<Mount, MountTree>();
  for (const mount of mounts) {
    let point = root;
    for (const name of mount.path.split('/')) {
      if (name === '') continue;
      let child = point.children.get(name);
      if (child === undefined) point.children.set(name, (child = { mount: undefined, children: new Map() }));
      point = child;
    }
    point.mount = mount;
    points.set(mount, point);
  }
  const trees = new Map<Mount, MountTree | undefined>();
  for (const [mount, point] of points) trees.set(mount, below(point));
  return trees;
}

/** @returns `tree` if a mount lies below it. */
export function below(tree: MountTree | undefined): MountTree | undefined {
  return tree === undefined || tree.children.size === 0 ? undefined : tree;
}
