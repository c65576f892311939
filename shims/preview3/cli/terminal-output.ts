import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';

/** wasi:cli/terminal-output. No instance has a terminal, so there is never one of these. */
export const terminalOutput: HostInterface<Context> = {
  functions: {},
  resources: { 'terminal-output': { name: 'terminal-output', release: () => undefined } },
};
