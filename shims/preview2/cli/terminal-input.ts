import type { Lowerings } from '../abi/lowering.ts';
import { PlainResource } from '../plain/resource.ts';

/** No instance has a terminal, so there is never one of these. */
export class TerminalInput extends PlainResource<'terminal-input'> {}

/** wasi:cli/terminal-input */
export const terminalInputLowerings: Lowerings = {};
