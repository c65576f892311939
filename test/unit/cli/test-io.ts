import type { CliIo } from '../../../src/cli/io.ts';

export interface TestIo extends CliIo {
  out(): string;
  err(): string;
}

/** A command's surroundings made of given files, by absolute path, with what it wrote. */
export function testIo(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  more: Partial<CliIo> & { readonly isTTY?: boolean } = {},
): TestIo {
  let out = '';
  let err = '';
  const { isTTY = false, ...overrides } = more;
  return {
    stdout: { write: (text) => (out += text), isTTY },
    stderr: { write: (text) => (err += text), isTTY },
    readFile: async (path) => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (content === undefined) throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' });
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    env: {},
    cwd: '/project',
    ...overrides,
    out: () => out,
    err: () => err,
  };
}
