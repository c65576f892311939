import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';

/** wasi:cli/terminal-input. No instance has a terminal, so there is never one of these. */
export const terminalInput: HostInterface<Context> = {
  functions: {},
  resources: { 'terminal-input': { name: 'terminal-input', release: () => undefined } },
};
