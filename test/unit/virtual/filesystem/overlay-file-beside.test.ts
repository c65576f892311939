import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { OverlayVolume } from '../../../../src/virtual/filesystem/overlay-volume.ts';
import {
  type Volume,
  type VolumeDirectory,
  type VolumeFile,
} from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, permitOf, TEN } from './guest.ts';

const NOW = { now: (): bigint => TEN };

/** A memory volume of one directory whose files are read and written a moment later, and which counts open ones. */
class SlowVolume implements Volume {
  readonly quota = undefined;
  open = 0;
  readonly #memory = new MemoryVolume({ ...NOW, content: { file: 'hello' } });

  openRoot(): VolumeDirectory {
    const root = this.#memory.openRoot();
    const openFile: VolumeDirectory['openFile'] = (permit, name, mode) =>
      this.#slow(root.openFile(permit, name, mode));
    // There is but one directory to rename in.
    const rename: VolumeDirectory['rename'] = (permit, name, _to, toName) =>
      root.rename(permit, name, root, toName);
    return new Proxy(root, {
      get: (_, key) => {
        if (key === 'openFile') return openFile;
        return key === 'rename' ? rename : (Reflect.get(root, key) as () => unknown).bind(root);
      },
    });
  }

  close(): void {}

  #slow(file: VolumeFile | ErrorCode): VolumeFile | ErrorCode {
    if (typeof file === 'number') return file;
    this.open++;
    let open = true;
    const later = async (act: () => number): Promise<number> => {
      await new Promise((resolve) => void setImmediate(resolve));
      return open ? act() : -1;
    };
    const offThread = {
      threshold: 3,
      read: (...args: Parameters<VolumeFile['read']>) => later(() => file.read(...args)),
      write: (...args: Parameters<VolumeFile['write']>) => later(() => file.write(...args)),
      append: (...args: Parameters<VolumeFile['append']>) => later(() => file.append(...args)),
    };
    const close = (): void => {
      if (open) this.open--;
      open = false;
    };
    return new Proxy(file, {
      get: (_, key) => {
        if (key === 'offThread') return offThread;
        return key === 'close' ? close : (Reflect.get(file, key) as () => unknown).bind(file);
      },
    });
  }
}

test('reads go beside the thread in the lower layer, and end there although the file is copied up meanwhile', async () => {
  const lower = new SlowVolume();
  const guest = new Guest([
    { path: '/', volume: new OverlayVolume({ lower, upper: new MemoryVolume(NOW) }) },
  ]);
  const file = guest.open('file', 'rw').file as VolumeFile;
  const permit = permitOf(guest);
  expect(file.offThread?.threshold).toBe(3);
  const bytes = Buffer.alloc(5);
  const reading = file.offThread?.read(permit, bytes, 0, 5, 0);
  expect(await file.offThread?.write(permit, Buffer.from('HELLO'), 0, 5, 0)).toBe(5);
  expect(lower.open).toBe(1);
  expect(await reading).toBe(5);
  expect(bytes.toString()).toBe('hello');
  expect(lower.open).toBe(0);
  // The memory volume has nothing that could hold the thread.
  expect(file.offThread).toBeUndefined();
  expect(guest.get('file')).toBe('HELLO');
});

test('writes and appends go beside the thread in the upper layer', async () => {
  const upper = new SlowVolume();
  const lower = new MemoryVolume({ ...NOW, content: { low: 'low' } });
  const guest = new Guest([{ path: '/', volume: new OverlayVolume({ lower, upper }) }]);
  const permit = permitOf(guest);
  const low = guest.open('low', 'rw').file as VolumeFile;
  expect(low.offThread).toBeUndefined();
  expect(low.write(permit, Buffer.from('L'), 0, 1, 0)).toBe(1);
  expect(await low.offThread?.append(permit, Buffer.from('!'), 0, 1)).toBe(1);
  expect(await low.offThread?.write(permit, Buffer.from('OW'), 0, 2, 1)).toBe(2);
  const bytes = Buffer.alloc(4);
  expect(await low.offThread?.read(permit, bytes, 0, 4, 0)).toBe(4);
  expect(bytes.toString()).toBe('LOW!');
  low.close();
  expect(upper.open).toBe(0);
});
