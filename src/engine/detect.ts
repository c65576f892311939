import { ProgramError } from '../errors.ts';

/** What the bytes are, from their first eight. */
export type BinaryKind = 'module' | 'component';

/**
 * Tells a core module from a component, and everything else from both.
 *
 * @throws ProgramError BW_PROGRAM_NOT_WASM that says what the bytes look like instead
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md (preamble: version and layer)
 */
export function detect(bytes: Uint8Array, name: string): BinaryKind {
  if (!startsWith(bytes, [0x00, 0x61, 0x73, 0x6d])) throw notWasm(bytes, name);
  if (bytes.length < 8) {
    throw new ProgramError(
      'BW_PROGRAM_TRUNCATED',
      `${name} is truncated: a WebAssembly binary has at least 8 bytes, this has ${bytes.length}.`,
    );
  }
  const version = (bytes[4] as number) | ((bytes[5] as number) << 8);
  const layer = (bytes[6] as number) | ((bytes[7] as number) << 8);
  if (layer === 0 && version === 1) return 'module';
  if (layer === 1 && version === 13) return 'component';
  throw new ProgramError(
    'BW_PROGRAM_VERSION',
    `${name} is a WebAssembly binary of layer ${layer}, version ${version}; expected a module (layer 0, version 1) or a component (layer 1, version 13).`,
    { hint: 'Build it again with current tools.' },
  );
}

function notWasm(bytes: Uint8Array, name: string): ProgramError {
  const { found, hint } = lookAt(bytes);
  return new ProgramError(
    'BW_PROGRAM_NOT_WASM',
    `${name} is not WebAssembly: found ${found}, expected the bytes 00 61 73 6d ("\\0asm") at the start.`,
    hint === undefined ? {} : { hint },
  );
}

function lookAt(bytes: Uint8Array): { found: string; hint?: string } {
  if (bytes.length === 0)
    return { found: 'an empty file', hint: 'Check that the build or the download finished.' };
  if (startsWith(bytes, [0x1f, 0x8b]))
    return { found: 'gzip data', hint: 'Unpack it first: `gunzip FILE.gz`.' };
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]))
    return { found: 'a zip archive', hint: 'Unpack it and name the .wasm file inside.' };
  if (startsWith(bytes, [0x28, 0xb5, 0x2f, 0xfd]))
    return { found: 'Zstandard data', hint: 'Unpack it first: `unzstd FILE.zst`.' };
  if (startsWith(bytes, [0x7f, 0x45, 0x4c, 0x46]))
    return { found: 'a native ELF program', hint: 'Compile it for wasm32-wasip1 or wasm32-wasip2.' };
  if (startsWith(bytes, [0x42, 0x43, 0xc0, 0xde]))
    return { found: 'LLVM bitcode', hint: 'Link it with wasm-ld first.' };
  const head = new TextDecoder('utf-8').decode(bytes.subarray(0, 256)).trimStart();
  if (/^<(!doctype|html|head|body)/i.test(head)) {
    return { found: 'an HTML page', hint: 'A download may have answered with an error page.' };
  }
  if (head.startsWith('(module') || head.startsWith('(component')) {
    return { found: 'WebAssembly text', hint: 'Convert it first: `wasm-tools parse FILE.wat -o FILE.wasm`.' };
  }
  if (head.startsWith('{') || head.startsWith('[')) return { found: 'JSON text' };
  if (bytes.length === 3 && startsWith(bytes, [0x00, 0x61, 0x73]))
    return { found: 'the first bytes of a WebAssembly binary, then its end', hint: 'The file is truncated.' };
  if (isText(bytes)) return { found: 'text' };
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { found: `the bytes ${hex}` };
}

function isText(bytes: Uint8Array): boolean {
  try {
    // As a stream: a character that is cut at the end is no fault.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, 256), { stream: true });
    return !/[^\P{Cc}\t\n\r]/u.test(text);
  } catch {
    return false;
  }
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
