import type { Lowerings } from '../abi/lowering.ts';
import { PlainResource } from '../plain/resource.ts';

/** No instance has a terminal, so there is never one of these. */
export class TerminalOutput extends PlainResource<'terminal-output'> {}

/** wasi:cli/terminal-output */
export const terminalOutputLowerings: Lowerings = {};
