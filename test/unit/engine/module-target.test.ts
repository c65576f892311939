import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { DeadlineExecutor } from '../../../src/engine/deadline.ts';
import { PlainInstanceExecutor } from '../../../src/engine/executor.ts';
import type { EmbedderImports, LinkedProgram } from '../../../src/engine/linked.ts';
import { compileModule } from '../../../src/engine/module-target.ts';
import { LinkError } from '../../../src/errors.ts';
import { testHost } from '../../support/host.ts';

const EXECUTORS = [
  ['without a deadline', () => new PlainInstanceExecutor()],
  ['under a deadline', () => new DeadlineExecutor(60_000, () => undefined)],
] as const;

async function link(
  wat: string,
  imports: EmbedderImports = {},
  makeExecutor = EXECUTORS[0][1] as () => PlainInstanceExecutor | DeadlineExecutor,
): Promise<LinkedProgram> {
  const target = await compileModule(await parse(wat), 'guest.wasm');
  const executor = makeExecutor();
  try {
    return await target.link({ host: testHost().host, executor, imports });
  } finally {
    executor.end();
  }
}

describe.each(EXECUTORS)('imports that nobody provides, %s', (_, makeExecutor) => {
  // Every one of these is a property of plain objects or of functions: looked up there, the guest would be handed
  // functions of the host's own realm.
  test.each([
    ['constructor', 'freeze'],
    ['toString', 'constructor'],
    ['__proto__', 'constructor'],
    ['hasOwnProperty', 'call'],
    ['bailiwick', 'constructor'],
    ['bailiwick', 'memory0'],
    ['wasi_snapshot_preview1', 'constructor'],
    ['wasi_snapshot_preview1', 'fd_wriet'],
    ['wasi_unstable', 'constructor'],
    ['wasi_unstable', 'sock_accept'],
    ['given', 'constructor'],
    ['given', 'toString'],
  ])('%s.%s', async (module, name) => {
    const imports = { given: { log: () => undefined } };
    const wat = `(module (import "${module}" "${name}" (func (param externref) (result externref))) (memory 1))`;
    await expect(link(wat, imports, makeExecutor)).rejects.toThrow(
      expect.objectContaining({ name: 'LinkError', missing: [`${module}.${name}`] }),
    );
  });
});

test('the error lists all of them, escaped', async () => {
  const refused = link('(module (import "env" "a" (func)) (import "env" "b\\1b[2J" (global i32)))');
  await expect(refused).rejects.toThrow(LinkError);
  await expect(refused).rejects.toMatchObject({
    code: 'BW_LINK_MISSING_IMPORTS',
    missing: ['env.a', 'env.b\u001b[2J'],
    message: 'The program needs 2 import(s) that nobody provides: env.a, env.b\\u{1b}[2J.',
  });
});
