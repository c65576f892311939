import type { Setting } from './setting.ts';

/**
 * A test that cannot do, or need not do, what the suite has it do, and the one thing that is accepted instead. When it
 * does anything else, what the suite says included, it fails: then this table is wrong.
 */
export interface Exception {
  readonly tests: readonly string[];
  readonly wasi: Setting['wasi'];
  /**
   * `specification`: WASI leaves the outcome open. `adapter`: the code that is put around a 0.1 module to make a component
   * of it fails before anything reaches the host.
   */
  readonly because: 'specification' | 'adapter';
  readonly exitCode: number;
  /** How standard error starts. */
  readonly stderr: string;
  readonly reason: string;
}

/** Every other test has to do what the suite says. test/unit/conformance/exceptions.test.ts shows that the reasons hold. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    tests: ['proc_exit-failure'],
    wasi: '0.2',
    because: 'specification',
    exitCode: 1,
    stderr: '',
    reason: 'wasi:cli/exit@0.2.0 knows success and failure only: 33 arrives as failure, which is 1',
  },
  {
    tests: ['fd_write-to-invalid-fd'],
    wasi: '0.2',
    because: 'adapter',
    exitCode: 1,
    stderr: 'abort:  in src_input.ts(11:1)',
    reason:
      'it answers a write of no vectors with success, before it looks at the descriptor (POSIX leaves such a writev open)',
  },
];

export function exceptionFor(test: string, { wasi }: Setting): Exception | undefined {
  return EXCEPTIONS.find((each) => each.tests.includes(test) && each.wasi === wasi);
}
