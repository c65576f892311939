import type { Context } from '../benchmark.ts';
import { BailiwickProgram, POLICY, POLICY_WITH_DEADLINE } from '../contestants/bailiwick.ts';
import { NodeWasiProgram } from '../contestants/node-wasi.ts';
import { time } from '../measure.ts';
import { callsGuest, describeSize } from '../programs.ts';
import type { Row } from '../row.ts';
import { compareStarts, startUnder } from './starts.ts';

/** What a policy adds to the start of a program that is compiled already. */
export async function instantiateModule(context: Context): Promise<readonly Row[]> {
  const { module: bytes } = await callsGuest();
  const program = await BailiwickProgram.compile(bytes);
  using node = await NodeWasiProgram.compile(bytes, context.workspace);
  const imports = emptyImports(node.module);
  const raw = (): Promise<number> => time(() => new WebAssembly.Instance(node.module, imports));
  const plain = await compareStarts(context, {
    ours: startUnder(program, POLICY),
    raw,
    node: () => time(() => node.instantiate()),
  });
  const deadline = await compareStarts(context, { ours: startUnder(program, POLICY_WITH_DEADLINE), raw });
  const what = describeSize('C module', bytes);
  const name = 'raw WebAssembly.Instance';
  return [
    { what, ours: plain.ours, peer: { name, time: plain.raw }, goal: { kind: 'costs', times: 3 } },
    { what, ours: plain.ours, peer: { name: 'node:wasi', time: plain.node } },
    { what: `${what}, with a deadline`, ours: deadline.ours, peer: { name, time: deadline.raw } },
  ];
}

function emptyImports(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => 0;
  }
  return imports;
}
