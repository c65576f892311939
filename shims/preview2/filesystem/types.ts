import type { Lowerings } from '../abi/lowering.ts';
import { allocate, resultArea, storeList, utf8Length } from '../abi/values.ts';
import type { Error } from '../io/error.ts';
import { PlainResource } from '../plain/resource.ts';
import { descriptorType } from './bits.ts';
import { type DescriptorType, typeName } from './descriptor.ts';
import { descriptorLowerings } from './descriptor-lowerings.ts';
import { type ErrorCodeName, errorName, errorOrdinal } from './error-code.ts';
import { pathLowerings } from './path-lowerings.ts';
import { storeOk } from './results.ts';

export { Descriptor } from './descriptor.ts';

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

export class DirectoryEntryStream extends PlainResource<'directory-entry-stream'> {
  // read-directory-entry: func() -> result<option<directory-entry>, error-code>
  readDirectoryEntry(): DirectoryEntry | undefined {
    const entry = this.target.next();
    return entry && { type: typeName(entry.type), name: entry.name };
  }
}

/** The functions of wasi:filesystem/types beside its resources. */
export interface FilesystemTypes {
  readonly filesystemErrorCode: (error: Error) => ErrorCodeName | undefined;
}

export function filesystemTypes(): FilesystemTypes {
  return {
    // filesystem-error-code: func(err: borrow<error>) -> option<error-code>
    filesystemErrorCode: (error) => {
      const { code, cause } = error.target;
      return cause === undefined ? errorName(code) : undefined;
    },
  };
}

/** wasi:filesystem/types */
export const filesystemTypesLowerings: Lowerings = {
  ...descriptorLowerings,
  ...pathLowerings,
  '[method]directory-entry-stream.read-directory-entry': {
    resources: ['directory-entry-stream'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void => {
        const { memory, handles } = canon;
        const entry = handles['directory-entry-stream'].get(self).next();
        if (entry === undefined) {
          const at = storeOk(memory, result, 20, 4);
          memory.bytes[at] = 0;
          return;
        }
        const length = utf8Length(entry.name);
        const pointer = allocate(canon, 1, length);
        memory.setText(pointer, length, entry.name);
        const at = storeOk(memory, result, 20, 4);
        memory.bytes[at] = 1;
        memory.bytes[at + 4] = descriptorType(entry.type);
        storeList(memory, at + 8, pointer, length);
      },
  },
  'filesystem-error-code': {
    resources: ['error'],
    lower:
      (_context, { memory, handles }) =>
      (error: number, result: number): void => {
        const { code, cause } = handles.error.get(error);
        const at = resultArea(memory, result, 2, 1);
        memory.bytes[at] = cause === undefined ? 1 : 0;
        if (cause === undefined) memory.bytes[at + 1] = errorOrdinal(code);
      },
  },
};
