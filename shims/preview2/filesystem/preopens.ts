import type { Lowerings } from '../abi/lowering.ts';
import { allocate, listArea, lowerBytes, resultArea, storeList, utf8 } from '../abi/values.ts';
import type { Bindings } from '../plain/resource.ts';
import type { Descriptor } from './descriptor.ts';

/** wasi:filesystem/preopens */
export interface Preopens {
  readonly getDirectories: () => [Descriptor, string][];
}

export function preopens(bindings: Bindings): Preopens {
  return {
    // get-directories: func() -> list<tuple<descriptor, string>>
    getDirectories: () =>
      bindings.context
        .preopens()
        .map(({ path, descriptor }) => [bindings.make('descriptor', descriptor), path]),
  };
}

export const preopensLowerings: Lowerings = {
  'get-directories': {
    resources: ['descriptor'],
    lower:
      (context, canon) =>
      (result: number): void => {
        const { memory, handles } = canon;
        const directories = context.preopens();
        const elements = allocate(canon, 4, directories.length * 12);
        for (const [i, { path, descriptor }] of directories.entries()) {
          const text = utf8(path);
          const pointer = lowerBytes(canon, text, text.length);
          // Growing the memory detached the views; asking for the elements again brings current ones.
          listArea(memory, elements, directories.length * 12, 4);
          memory.view.setUint32(elements + i * 12, handles.descriptor.add(descriptor), true);
          storeList(memory, elements + i * 12 + 4, pointer, text.length);
        }
        storeList(memory, resultArea(memory, result, 8, 4), elements, directories.length);
      },
  },
};
