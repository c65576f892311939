import type { ImageNode } from './image.ts';
import { FileType, type Stat } from './volume.ts';

/** An image knows one time for each node: it stands for all three. */
export function fillImageStat(node: ImageNode, out: Stat): void {
  out.type = node.type;
  out.inode = node.inode;
  out.accessed = out.modified = out.changed = node.modified;
  out.linkCount = node.links;
  out.size = 0;
  if (node.type === FileType.regularFile) out.size = node.bytes.length;
  else if (node.type === FileType.symbolicLink) out.size = Buffer.byteLength(node.target);
  else out.linkCount = 2 + node.subdirectories;
}
