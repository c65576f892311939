import { ProgramError } from '../../errors.ts';
import { Immediates, OPERATORS, PREFIXED } from './operators.ts';

/** Reads the code of functions that V8 has validated. Made for speed: programs have many megabytes of it. */
export class CodeReader {
  readonly bytes: Uint8Array;
  position = 0;
  /** Of the operator that was read last; of one with a prefix, its number. */
  number = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.position++];
    if (value === undefined) throw truncated();
    return value;
  }

  /** An unsigned LEB128 of 32 bits. */
  unsigned(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; ; shift += 7) {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
      if (shift > 63) throw truncated();
    }
  }

  /** A signed LEB128 of 32 bits. */
  signed(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
      if (shift > 28) throw truncated();
    }
  }

  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  skip(count: number): void {
    this.position += count;
    if (this.position > this.bytes.length) throw truncated();
  }

  /** @returns the operator's first byte; {@link skipImmediates} is to be called with it, or its parts to be read */
  operator(): number {
    const opcode = this.byte();
    this.number = OPERATORS[opcode] === Immediates.prefix ? this.unsigned() : opcode;
    return opcode;
  }

  skipImmediates(opcode: number): void {
    switch (this.#kindOf(opcode)) {
      case Immediates.none:
        return;
      case Immediates.leb:
        return this.skipLeb();
      case Immediates.twoLebs:
        this.skipLeb();
        return this.skipLeb();
      case Immediates.memarg:
        return this.#skipMemarg();
      case Immediates.memargByte:
        this.#skipMemarg();
        return this.skip(1);
      case Immediates.blockType:
        return this.skipType();
      case Immediates.labels:
        for (let left = this.unsigned(); left >= 0; left--) this.skipLeb();
        return;
      case Immediates.valueTypes:
        for (let left = this.unsigned(); left > 0; left--) this.skipType();
        return;
      case Immediates.oneByte:
        return this.skip(1);
      case Immediates.fourBytes:
        return this.skip(4);
      case Immediates.eightBytes:
        return this.skip(8);
      case Immediates.sixteenBytes:
        return this.skip(16);
      case Immediates.cast:
        this.skip(1);
        for (let left = 3; left > 0; left--) this.skipLeb();
        return;
      case Immediates.tryTable:
        this.skipType();
        return this.#skipCatches();
      default:
        throw unknown(opcode, this.number);
    }
  }

  /** A value type or block type: a number, or a reference type with its heap type. */
  skipType(): void {
    const code = this.byte();
    if (code === 0x63 || code === 0x64) this.#skipHeapType();
    else if (code >= 0x80) this.skipLeb();
  }

  /** Exact and shared types have a byte in front. */
  #skipHeapType(): void {
    const code = this.byte();
    if (code === 0x62 || code === 0x65) this.#skipHeapType();
    else if (code >= 0x80) this.skipLeb();
  }

  #kindOf(opcode: number): number {
    const kind = OPERATORS[opcode] as number;
    return kind === Immediates.prefix ? (PREFIXED[opcode]?.[this.number] ?? Immediates.invalid) : kind;
  }

  /** Bit 6 of the alignment says that the number of a memory follows. */
  #skipMemarg(): void {
    if ((this.unsigned() & 0x40) !== 0) this.skipLeb();
    this.skipLeb();
  }

  #skipCatches(): void {
    for (let left = this.unsigned(); left > 0; left--) {
      // catch and catch_ref name a tag, catch_all and catch_all_ref do not.
      if (this.byte() < 2) this.skipLeb();
      this.skipLeb();
    }
  }
}

function truncated(): ProgramError {
  return new ProgramError('BW_PROGRAM_INVALID', 'The program is broken: its code ends in the middle.');
}

function unknown(opcode: number, number: number): ProgramError {
  const text = opcode === number ? hex(opcode) : `${hex(opcode)} ${hex(number)}`;
  return new ProgramError(
    'BW_PROGRAM_UNSUPPORTED',
    `The program has an operator that cannot be metered: ${text}.`,
    { hint: 'Run it without limits.fuel, limits.cpu and limits.slice.' },
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
