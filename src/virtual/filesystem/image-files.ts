import { ImageBuilder, type ImageBuilderOptions } from './image-builder.ts';
import { imageError } from './image-error.ts';
import type { Image } from './image.ts';

/**
 * A tree as flat JSON, by relative path: `{ "a/b.txt": "text", "bin": { "base64": "AP8=" }, "link": { "symlink": "a" } }`.
 * Directories are there by the names below them; an empty one is a path with null, with or without a slash at
 * its end.
 */
export type ImageFiles = Readonly<Record<string, ImageContent>>;

/** Text is kept as UTF-8. Bytes are for callers that have them; JSON says `base64`. */
export type ImageContent =
  | string
  | Uint8Array
  | null
  | { readonly base64: string }
  | { readonly symlink: string };

/**
 * Builds an image of a flat JSON tree. Bytes are copied.
 *
 * @param options `modified` is the time of everything in it
 * @throws BindingError BW_IMAGE_NAME, BW_IMAGE_CONFLICT, BW_IMAGE_TOO_LARGE, BW_IMAGE_BROKEN when a content is none
 */
export function imageOfFiles(files: ImageFiles, options: ImageBuilderOptions = {}): Image {
  const builder = new ImageBuilder(options);
  const modified = options.modified ?? 0n;
  for (const [path, content] of Object.entries(files)) {
    if (content === null) builder.addDirectory(path, modified);
    else if (typeof content === 'object' && 'symlink' in content) {
      builder.addSymlink(path, content.symlink, modified);
    } else builder.addFile(path, bytesOf(path, content), modified);
  }
  return builder.finish();
}

/** @param content from JSON, whatever its type says */
function bytesOf(path: string, content: Exclude<ImageContent, null | { symlink: string }>): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content);
  const { base64 } = content;
  const bytes = Buffer.from(base64, 'base64');
  // Node.js takes what it can from any text.
  if (bytes.toString('base64') !== base64)
    throw imageError('BROKEN', path, 'is not base64 (RFC 4648, with padding)');
  return bytes;
}
