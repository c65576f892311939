import { ProgramError } from '../../errors.ts';
import { type BinarySection, readSections } from '../binary-reader.ts';
import { BodyPlan } from './body-plan.ts';
import { BodyWriter, type MeteringIndices } from './body-writer.ts';
import { BranchHints } from './branch-hints.ts';
import { BulkFunctions } from './bulk-functions.ts';
import { ByteWriter, constant, leb } from './byte-writer.ts';
import { CodeReader } from './code-reader.ts';
import { type IndexSpaces, readIndexSpaces } from './index-spaces.ts';
import { Op } from './operators.ts';
import { isMoved, Section, SECTION_ORDER, writeList } from './sections.ts';

/** Bytes of code that V8 takes of one function. */
const MAX_BODY = 7_654_321;

/** Locals that it takes of one function, without those of the metering. */
const MAX_LOCALS = 50_000 - 3;

/** A module that counts what it executes. */
export interface MeteredModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of what it exports for its host, which its own exports do not have. */
  readonly exports: {
    /** A global, i32: units that it may still execute. Below zero, the module calls `tick` at its next check. */
    readonly counter: string;
    /** A global: a function (i32) → i32, which is given the counter, and gives what it shall be. */
    readonly tick: string;
    /** The start function, which the host has to call. */
    readonly start: string | undefined;
  };
}

const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;
/** Begins a reference type that has null in it. */
const NULLABLE = 0x63;

/**
 * Puts code into a core module that charges for what is executed: one unit for an operator, 17 for a call, one more for each 16
 * bytes that are filled or copied. Nothing of the module gets another number: types, functions and globals come behind its own.
 *
 * @param bytes of a module that V8 has taken
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED for an operator that is not known, and where a function would be too large for V8
 */
export function meterModule(bytes: Uint8Array): MeteredModule {
  return new ModuleMeter(bytes).write();
}

class ModuleMeter {
  readonly #bytes: Uint8Array;
  readonly #sections: readonly BinarySection[];
  readonly #spaces: IndexSpaces;
  readonly #indices: MeteringIndices;
  readonly #bulk: BulkFunctions;
  /** Of the function that the host gives; those of the added functions come behind it. */
  readonly #tickType: number;
  readonly #hints = new BranchHints();
  readonly #exports: MeteredModule['exports'];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#sections = readSections(bytes);
    this.#spaces = readIndexSpaces(bytes, this.#sections);
    const { globals, parameters, importedFunctions, functions, exportNames, start } = this.#spaces;
    const ask = importedFunctions + functions.length;
    this.#indices = { counter: globals, ask };
    this.#tickType = parameters.length;
    this.#bulk = new BulkFunctions(ask + 1, this.#spaces, this.#indices);
    this.#exports = {
      counter: freeName('bailiwick:counter', exportNames),
      tick: freeName('bailiwick:tick', exportNames),
      start: start === undefined ? undefined : freeName('bailiwick:start', exportNames),
    };
  }

  write(): MeteredModule {
    const code = this.#code();
    const added = this.#added();
    const out = new ByteWriter(this.#bytes.length + code.length);
    out.copy(this.#bytes, 0, 8);
    const custom = this.#sections.filter(({ id }) => id === Section.custom);
    for (const id of SECTION_ORDER) {
      const section = this.#sections.find((each) => each.id === id);
      if (id === Section.code) {
        this.#hints.write(out);
        this.#writeCode(out, code);
      } else if (id === Section.start) continue;
      else if (added[id] !== undefined)
        writeList(out, id, this.#bytes, section, added[id].count, added[id].bytes);
      else if (section !== undefined) out.copy(this.#bytes, section.start, section.contentEnd);
    }
    for (const section of custom)
      if (!isMoved(this.#bytes, section)) out.copy(this.#bytes, section.start, section.contentEnd);
    return { bytes: out.written, exports: this.#exports };
  }

  /** The functions, metered. */
  #code(): ByteWriter {
    const section = this.#sections.find(({ id }) => id === Section.code);
    const out = new ByteWriter(section === undefined ? 0 : 2 * (section.contentEnd - section.contentStart));
    if (section === undefined) return out;
    const reader = new CodeReader(this.#bytes);
    reader.position = section.contentStart;
    const body = new ByteWriter(1 << 16);
    const plan = new BodyPlan(reader, this.#spaces, this.#bulk);
    const writer = new BodyWriter(body, this.#indices, this.#hints);
    reader.unsigned();
    let index = this.#spaces.importedFunctions;
    for (const type of this.#spaces.functions) {
      body.clear();
      this.#function(reader, index, this.#spaces.parameters[type] ?? 0, plan, writer);
      if (body.length > MAX_BODY) throw tooLarge(index, 'code');
      this.#hints.endFunction(index++);
      out.unsigned(body.length);
      out.all(body.written);
    }
    return out;
  }

  #function(reader: CodeReader, index: number, parameters: number, plan: BodyPlan, writer: BodyWriter): void {
    const size = reader.unsigned();
    const end = reader.position + size;
    const groups = reader.unsigned();
    const groupsStart = reader.position;
    let locals = parameters;
    for (let left = groups; left > 0; left--) {
      locals += reader.unsigned();
      reader.skipType();
    }
    const code = reader.position;
    if (locals > MAX_LOCALS) throw tooLarge(index, 'locals');
    plan.read(end);
    writer.write(this.#bytes, { groupsStart, groups, locals, code, end }, plan);
  }

  #writeCode(out: ByteWriter, code: ByteWriter): void {
    const bodies = [this.#ask(), ...this.#bulk.added.map(({ body }) => body)];
    const content = new ByteWriter(code.length + 1024);
    content.unsigned(this.#spaces.functions.length + bodies.length);
    content.all(code.written);
    for (const body of bodies) {
      content.unsigned(body.length);
      content.all(body);
    }
    out.byte(Section.code);
    out.unsigned(content.length);
    out.all(content.written);
  }

  /** counter = tick(counter) */
  #ask(): Uint8Array {
    const counter = leb(this.#indices.counter);
    const tick = leb(this.#indices.counter + 1);
    const call = [Op.globalGet, ...counter, Op.globalGet, ...tick, Op.callRef, ...leb(this.#tickType)];
    return Uint8Array.from([0, ...call, Op.globalSet, ...counter, Op.end]);
  }

  /** What comes behind the module's own, by section. */
  #added(): Readonly<Record<number, { readonly count: number; readonly bytes: Uint8Array }>> {
    const parameters = [[], ...this.#bulk.added.map((added) => added.parameters)];
    const tickType = constant(this.#tickType);
    const counter = leb(this.#indices.counter);
    const tick = leb(this.#indices.counter + 1);
    const names = this.#exports;
    return {
      [Section.type]: list([
        [FUNCTION_TYPE, 1, I32, 1, I32],
        ...parameters.map((types) => [FUNCTION_TYPE, types.length, ...types.flat(), 0]),
      ]),
      [Section.function]: list(parameters.map((_types, index) => leb(this.#tickType + 1 + index))),
      [Section.global]: list([
        [I32, 1, Op.i32Const, 0, Op.end],
        [NULLABLE, ...tickType, 1, Op.refNull, ...tickType, Op.end],
      ]),
      [Section.export]: list([
        [...text(names.counter), 3, ...counter],
        [...text(names.tick), 3, ...tick],
        ...(names.start === undefined ? [] : [[...text(names.start), 0, ...leb(this.#spaces.start ?? 0)]]),
      ]),
    };
  }
}

function list(entries: readonly (readonly number[])[]): { count: number; bytes: Uint8Array } {
  return { count: entries.length, bytes: Uint8Array.from(entries.flat()) };
}

function tooLarge(index: number, what: string): ProgramError {
  return new ProgramError(
    'BW_PROGRAM_UNSUPPORTED',
    `The program cannot be metered: with that, function ${index} has more ${what} than V8 takes.`,
    { hint: 'Run it without limits.fuel, limits.cpu and limits.slice.' },
  );
}

/** @returns a name that the guest does not use itself */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  while (taken.has(free)) free += "'";
  return free;
}

function text(value: string): readonly number[] {
  return [...leb(value.length), ...new TextEncoder().encode(value)];
}
