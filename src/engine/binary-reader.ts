import { ProgramError } from '../errors.ts';

/** Reads the primitives of the WebAssembly binary format (core specification, chapter 5). */
export class BinaryReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw truncated();
    return this.bytes[this.position++] as number;
  }

  /** An unsigned LEB128 of at most 64 bits; values are exact up to 2^53. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `The program is broken: an integer at byte ${this.position} is too long.`,
    );
  }

  name(): string {
    const length = this.unsigned();
    const start = this.position;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  skip(count: number): void {
    if (this.position + count > this.end) throw truncated();
    this.position += count;
  }
}

/** One section of a module or component: its id and where its content lies. */
export interface BinarySection {
  readonly id: number;
  /** Where the section starts, id byte included. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
}

/** @returns the sections of a binary, in order. @throws ProgramError when it is cut short */
export function readSections(bytes: Uint8Array): BinarySection[] {
  const sections: BinarySection[] = [];
  const reader = new BinaryReader(bytes, 8);
  while (!reader.done) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.unsigned();
    const contentStart = reader.position;
    reader.skip(size);
    sections.push({ id, start, contentStart, contentEnd: reader.position });
  }
  return sections;
}

function truncated(): ProgramError {
  return new ProgramError(
    'BW_PROGRAM_TRUNCATED',
    'The program is truncated: a section ends before its content does.',
    {
      hint: 'Check that the build or the download finished.',
    },
  );
}

/** @returns `value` as an unsigned LEB128. */
export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}
