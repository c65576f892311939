import type { Lowerings } from '../abi/lowering.ts';
import { lowerBytes, resultArea, storeList, utf8 } from '../abi/values.ts';
import { PlainResource } from '../plain/resource.ts';

export class Error extends PlainResource<'error'> {
  // to-debug-string: func() -> string
  toDebugString(): string {
    return this.target.toDebugString();
  }
}

/** wasi:io/error */
export const errorLowerings: Lowerings = {
  '[method]error.to-debug-string': {
    resources: ['error'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void => {
        const text = utf8(canon.handles.error.get(self).toDebugString());
        const pointer = lowerBytes(canon, text, text.length);
        storeList(canon.memory, resultArea(canon.memory, result, 8, 4), pointer, text.length);
      },
  },
};
