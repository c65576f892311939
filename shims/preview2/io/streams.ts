import type { Lowerings } from '../abi/lowering.ts';
import { inputStreamLowerings } from './input-stream.ts';
import { outputStreamLowerings } from './output-stream.ts';

export { InputStream } from './input-stream.ts';
export { OutputStream } from './output-stream.ts';

/** wasi:io/streams */
export const streamsLowerings: Lowerings = { ...inputStreamLowerings, ...outputStreamLowerings };
