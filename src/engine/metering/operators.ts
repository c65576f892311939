// The operators of WebAssembly, by what follows each of them in the code: https://webassembly.github.io/spec/core/binary/instructions.html,
// and the proposals that V8 runs without a flag: legacy exceptions, threads, relaxed SIMD. Wide arithmetic is known, too, which
// the V8 of Node.js 26 does not run yet.

/** What follows an operator. */
export const Immediates = {
  invalid: 0,
  none: 1,
  /** One number in LEB128: an index, a constant, a heap type. */
  leb: 2,
  twoLebs: 3,
  memarg: 4,
  /** `blocktype`, which may be a reference type of two parts. */
  blockType: 5,
  /** A vector of labels, and one. */
  labels: 6,
  /** A vector of value types. */
  valueTypes: 7,
  fourBytes: 8,
  eightBytes: 9,
  sixteenBytes: 10,
  oneByte: 11,
  /** `memarg` and a lane. */
  memargByte: 12,
  /** Two bits, a label, two heap types. */
  cast: 13,
  /** `blocktype` and a vector of catch clauses. */
  tryTable: 14,
  /** The operator has a second number. */
  prefix: 15,
} as const;

const { invalid, none, leb, twoLebs, memarg, oneByte } = Immediates;

/** Numbers of operators that are looked at one by one. */
export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  i32Load8Unsigned: 0x2d,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32LessSigned: 0x48,
  i32Sub: 0x6b,
  refNull: 0xd0,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  gc: 0xfb,
  misc: 0xfc,
  simd: 0xfd,
  atomic: 0xfe,
} as const;

type Range = readonly [first: number, last: number, kind: number];

function table(size: number, ranges: readonly Range[]): Uint8Array {
  const kinds = new Uint8Array(size).fill(invalid);
  for (const [first, last, kind] of ranges) kinds.fill(kind, first, last + 1);
  return kinds;
}

/** By the operator's first byte. */
export const OPERATORS: Uint8Array = table(256, [
  [Op.unreachable, Op.nop, none],
  [Op.block, Op.if, Immediates.blockType],
  [Op.else, Op.else, none],
  [Op.try, Op.try, Immediates.blockType],
  [Op.catch, Op.rethrow, leb],
  [Op.throwRef, Op.end, none],
  [Op.br, Op.brIf, leb],
  [Op.brTable, Op.brTable, Immediates.labels],
  [Op.return, Op.return, none],
  [Op.call, Op.call, leb],
  [Op.callIndirect, Op.callIndirect, twoLebs],
  [Op.returnCall, Op.returnCall, leb],
  [Op.returnCallIndirect, Op.returnCallIndirect, twoLebs],
  [Op.callRef, Op.returnCallRef, leb],
  [Op.delegate, Op.delegate, leb],
  [Op.catchAll, 0x1b, none],
  [0x1c, 0x1c, Immediates.valueTypes],
  [Op.tryTable, Op.tryTable, Immediates.tryTable],
  [Op.localGet, Op.tableSet, leb],
  [0x28, 0x3e, memarg],
  [Op.memorySize, Op.i64Const, leb],
  [0x43, 0x43, Immediates.fourBytes],
  [0x44, 0x44, Immediates.eightBytes],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, leb],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, leb],
  [0xd3, 0xd4, none],
  [Op.brOnNull, Op.brOnNonNull, leb],
  [Op.gc, Op.atomic, Immediates.prefix],
]);

const GC = table(32, [
  [0, 1, leb],
  [2, 5, twoLebs],
  [6, 7, leb],
  [8, 10, twoLebs],
  [11, 14, leb],
  [15, 15, none],
  [16, 16, leb],
  [17, 19, twoLebs],
  [20, 23, leb],
  [24, 25, Immediates.cast],
  [26, 30, none],
]);

const MISC = table(32, [
  [0, 7, none],
  [8, 8, twoLebs],
  [9, 9, leb],
  [10, 10, twoLebs],
  [11, 11, leb],
  [12, 12, twoLebs],
  [13, 13, leb],
  [14, 14, twoLebs],
  [15, 17, leb],
  [19, 22, none],
]);

const SIMD = table(320, [
  [0, 11, memarg],
  [12, 13, Immediates.sixteenBytes],
  [14, 20, none],
  [21, 34, oneByte],
  [35, 83, none],
  [84, 91, Immediates.memargByte],
  [92, 93, memarg],
  [94, 275, none],
]);

const ATOMIC = table(80, [
  [0, 2, memarg],
  [3, 3, oneByte],
  [0x10, 0x4e, memarg],
]);

/** By the operator's first byte, then by its number. */
export const PREFIXED: Readonly<Record<number, Uint8Array>> = {
  [Op.gc]: GC,
  [Op.misc]: MISC,
  [Op.simd]: SIMD,
  [Op.atomic]: ATOMIC,
};

/** Numbers of `Op.misc` that fill or copy. */
export const Misc = {
  memoryInit: 8,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  tableCopy: 14,
  tableGrow: 15,
  tableFill: 17,
} as const;

/** Numbers of `Op.gc` that branch. */
export const Gc = { brOnCast: 24, brOnCastFail: 25 } as const;

/** Numbers of `Op.gc` that make or fill arrays whose length is their last operand. */
export const ARRAYS: ReadonlySet<number> = new Set([6, 7, 9, 10, 16, 17, 18, 19]);
