import type { Canon, Lowerings } from '../abi/lowering.ts';
import { allocate, listArea, lowerBytes, resultArea, storeList, utf8 } from '../abi/values.ts';
import type { Context } from '../context.ts';

/** wasi:cli/environment */
export interface Environment {
  readonly getEnvironment: () => [string, string][];
  readonly getArguments: () => string[];
  readonly initialCwd: () => string | undefined;
}

export function environment(context: Context): Environment {
  return {
    // get-environment: func() -> list<tuple<string, string>>
    getEnvironment: () => context.host.environment.map(([name, value]) => [name, value]),
    // get-arguments: func() -> list<string>
    getArguments: () => [...context.host.arguments],
    // initial-cwd: func() -> option<string>
    initialCwd: () => undefined,
  };
}

export const environmentLowerings: Lowerings = {
  'get-environment': {
    lower:
      (context, canon) =>
      (result: number): void => {
        const variables = context.host.environment;
        storeStrings(canon, variables.flat(), { count: variables.length, size: 16 }, result);
      },
  },
  'get-arguments': {
    lower:
      (context, canon) =>
      (result: number): void => {
        const list = context.host.arguments;
        storeStrings(canon, list, { count: list.length, size: 8 }, result);
      },
  },
  'initial-cwd': {
    lower:
      (_context, { memory }) =>
      (result: number): void => {
        const none = resultArea(memory, result, 12, 4);
        memory.bytes[none] = 0;
      },
  },
};

/** Stores a list whose elements are one or more strings. @param list its elements and their size in bytes */
function storeStrings(
  canon: Canon,
  texts: readonly string[],
  list: { readonly count: number; readonly size: number },
  result: number,
): void {
  const { memory } = canon;
  const elements = allocate(canon, 4, list.count * list.size);
  for (const [i, text] of texts.entries()) {
    const bytes = utf8(text);
    const pointer = lowerBytes(canon, bytes, bytes.length);
    // Growing the memory detached the views; asking for the elements again brings current ones.
    listArea(memory, elements, list.count * list.size, 4);
    storeList(memory, elements + i * 8, pointer, bytes.length);
  }
  storeList(memory, resultArea(memory, result, 8, 4), elements, list.count);
}
