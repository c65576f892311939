import { expect } from 'vitest';
import { preview2 } from '../../../../shims/preview2/preview2.ts';
import { generate } from '../../../../src/engine/generator.ts';
import { evaluateGlue, isErrCase } from '../../../../src/engine/link/glue.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import { ExitSignal } from '../../../../src/virtual/host.ts';
import { type TestHostOptions, testHost } from '../../../support/host.ts';

/** Runs a command over jco's JavaScript bindings, which call the plain forms of all functions. */
export async function runPlain(
  component: Uint8Array,
  options: TestHostOptions,
): Promise<{ end: string; stdout: string }> {
  const { files } = await generate(component, {
    name: 'component',
    noTypescript: true,
    noNodejsCompat: true,
    instantiation: { tag: 'sync' },
  });
  const content = new Map(files);
  const { host, stdout } = testHost(options);
  const wasi = preview2(host, plainExecutor);
  const instantiate = evaluateGlue(new TextDecoder().decode(content.get('component.js')))(WebAssembly);
  const { run } = instantiate(
    (name) => new WebAssembly.Module(content.get(name) as Uint8Array<ArrayBuffer>),
    wasi.imports,
    (module, imports) => new WebAssembly.Instance(module, imports),
  ) as { run: { run: () => void } };
  const end = endOf(() => run.run());
  wasi.dispose();
  expect(host.meter.handles).toBe(0);
  return { end, stdout: stdout() };
}

function endOf(run: () => void): string {
  try {
    run();
    return 'result 0';
  } catch (thrown) {
    if (thrown instanceof ExitSignal) return `exit ${thrown.exitCode}`;
    if (isErrCase(thrown)) return 'result 1';
    throw thrown;
  }
}
