import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import type { Instance, Policy } from '../index.ts';

/** Where `--changes` puts what the program changed in its overlay. Opened before the run, which would be lost otherwise. */
export class ChangesFile implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #overlay: string;

  private constructor(file: FileHandle, overlay: string) {
    this.#file = file;
    this.#overlay = overlay;
  }

  /** @throws UsageError when the policy has not exactly one overlay, or the file cannot be written */
  static async open(path: string, policy: Policy): Promise<ChangesFile> {
    const overlay = onlyOverlay(policy);
    try {
      return new ChangesFile(await open(path, 'w'), overlay);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new UsageError('BW_USAGE', `--changes ${JSON.stringify(path)} cannot be written: ${code}.`, {
        cause,
      });
    }
  }

  /** Writes the upper layer of the overlay as a tar archive. */
  async write(instance: Instance): Promise<void> {
    await this.#file.writeFile(await instance.files(this.#overlay).changesToTar());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

function onlyOverlay(policy: Policy): string {
  const overlays = policy.filesystem.filter(({ overlay }) => overlay !== undefined);
  const [first] = overlays;
  if (first !== undefined && overlays.length === 1) return first.id;
  throw new UsageError(
    'BW_USAGE',
    `--changes needs exactly one overlay; the policy has ${overlays.length}.`,
    {
      hint: 'For example --dir ./src::/src::overlay',
    },
  );
}
