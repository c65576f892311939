import { type Descriptor, DescriptorFlags } from '../../../src/virtual/filesystem/descriptor.ts';
import { refuseStream } from '../../../src/virtual/filesystem/descriptor-operations.ts';
import { openListing } from '../../../src/virtual/filesystem/directory-entries.ts';
import { FileInputStream, FileOutputStream } from '../../../src/virtual/io/file-stream.ts';
import type { FutureSource, StreamSource } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import { NOTHING, readVia, settled, writeVia } from '../via-stream.ts';
import { entrySource } from './entry-source.ts';
import { failed } from './error-code.ts';
import type { StreamFunctions } from './functions.ts';
import { OpenStream } from './open-stream.ts';

/** The functions of `descriptor` that give or take a stream. */
export const streamFunctions: StreamFunctions = {
  // read-via-stream: func(offset: filesize) -> tuple<stream<u8>, future<result<_, error-code>>>
  '[method]descriptor.read-via-stream': (context, self, offset) => {
    const refused = refuseStream(self, DescriptorFlags.read);
    if (refused !== 0) return [NOTHING, settled(failed(refused))];
    const input = new FileInputStream(context.host.filesystem, self, Number(offset));
    const open = new OpenStream(context, self, input);
    return readVia(input, failed, () => open.close());
  },

  // write-via-stream: func(data: stream<u8>, offset: filesize) -> future<result<_, error-code>>
  '[method]descriptor.write-via-stream': (context, self, data, offset) =>
    writeFile(context, self, data, Number(offset)),

  // append-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>
  '[method]descriptor.append-via-stream': (context, self, data) => writeFile(context, self, data, undefined),

  // read-directory: func() -> tuple<stream<directory-entry>, future<result<_, error-code>>>
  '[method]descriptor.read-directory': (context, self) => {
    const entries = openListing(context.host, self, context.listings);
    if (typeof entries === 'number') return [NOTHING, settled(failed(entries))];
    return entrySource(context, entries);
  },
};

/** @param position undefined: at the end, wherever that is by then */
function writeFile(
  context: Context,
  descriptor: Descriptor,
  data: StreamSource,
  position: number | undefined,
): FutureSource {
  const refused = refuseStream(descriptor, DescriptorFlags.write);
  if (refused !== 0) {
    data.drop();
    return settled(failed(refused));
  }
  const output = new FileOutputStream(context.host.filesystem, descriptor, position, 'large');
  const open = new OpenStream(context, descriptor, output);
  return writeVia(context, data, output, failed, () => open.close());
}
