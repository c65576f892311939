/**
 * jco's glue lifts strings and lists without a bound: a list of ten thousand strings that are all the same mebibyte of guest
 * memory would be ten gibibytes of ours. So every lift is made to spend the budget of its call first (link/lifts.ts).
 *
 * Each pattern is whole lines, which no name of the component can imitate: names with control characters are refused.
 * Lengths that are parameters are signed in the glue. `$lifts` cannot be shadowed, because nothing in WIT has a `$`.
 */
const LIFTS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A function that is imported takes parameters: the budget is full before, and after for the result of who called it.
  [/^ *const _trampoline\d+ = (?:async )?function\([^()\n]*\) \{$/gm, '$&\n$$lifts.start();'],
  [
    /^ *_debugLog\('[^'\n]* \[Instruction::CallInterface\] \([^'\n]*, @ enter\)'\);$/gm,
    '$$lifts.start();\n$&',
  ],
  [/^ *_debugLog\('[^'\n]*\[Instruction::CallWasm\] enter', \{$/gm, '$$lifts.start();\n$&'],
  // Strings.
  [
    /^ *var result\d+ = \w+\.decode\(new Uint8Array\(memory\d+\.buffer, ptr\d+, (len\d+)\)\);$/gm,
    '$$lifts.spend($1 >>> 0, 1);\n$&',
  ],
  [
    /^ *var result\d+ = \w+\.decode\(new Uint16Array\(memory\d+\.buffer, ptr\d+, (len\d+)\)\);$/gm,
    '$$lifts.spend(($1 >>> 0) * 2, 1);\n$&',
  ],
  // Lists of numbers, which become typed arrays.
  [
    /^ *var result\d+ = new \w+\(memory\d+\.buffer\.slice\(ptr\d+, ptr\d+ \+ (len\d+) \* (\d+)\)\);$/gm,
    '$$lifts.spend(($1 >>> 0) * $2, 1);\n$&',
  ],
  // Lists of a fixed length, which have no pointer.
  [
    /^ *for \(let i = 0; i < (\d+); i\+\+\) \{\n *const base = addr\d+ \+ i \* (\d+);/gm,
    '$$lifts.spend($1 * $2, $1);\n$&',
  ],
  // Other lists, and maps.
  [
    /^ *for \(let i = 0; i < (len\d+); i\+\+\) \{\n *const base = base\d+ \+ i \* (\d+);$/gm,
    '$$lifts.spend(($1 >>> 0) * $2, $1 >>> 0);\n$&',
  ],
];

/** @returns jco's glue, every lift of a string or list bounded by `$lifts` */
export function boundLifts(glue: string): string {
  return LIFTS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), glue);
}
