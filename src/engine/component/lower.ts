import type { CoreValue } from '../../../shims/canonical-abi/abi.ts';
import { canonLower } from '../../../shims/canonical-abi/canon-lower.ts';
import {
  type CanonOptions,
  type CoreImport,
  NO_MEMORY,
  NO_REALLOC,
} from '../../../shims/canonical-abi/canon-options.ts';
import { LinkedList } from '../../../shims/canonical-abi/linked-list.ts';
import { LoweredType } from '../../../shims/canonical-abi/lowered-type.ts';
import type { Thread } from '../../../shims/canonical-abi/thread.ts';
import {
  mustMayLeave,
  plainImport,
  WAIT,
  waitingImport,
} from '../../../shims/canonical-abi/waiting-import.ts';
import { type Lowering, suspends } from '../../../shims/preview2/abi/lowering.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import { ProgramError } from '../../errors.ts';
import type { Definition } from './definition.ts';
import type { ComponentFrame } from './frame.ts';

type LowerDefinition = Extract<Definition, { readonly kind: 'lower' }>;

/** `canon lower`: what core code imports for a function of the component model. */
export function lower(
  frame: ComponentFrame,
  { callee, type, options: indices }: LowerDefinition,
): CoreImport {
  const extern = frame.functions[callee];
  const options = frame.options(indices);
  if (extern?.sort === 'func') return canonLower(extern.call, type, options, frame.instance);
  const lowering = LOWERINGS.get(extern?.interface ?? '')?.[extern?.name ?? ''];
  if (lowering === undefined)
    throw new TypeError(`there is no lowering of ${extern?.interface}#${extern?.name}`);
  if (options.async)
    throw new ProgramError(
      'BW_PROGRAM_UNSUPPORTED',
      `The component calls ${extern?.interface}#${extern?.name} of WASI 0.2 with \`async\`, which is not supported.`,
    );
  return lowerPreview2(frame, lowering, LoweredType.of(type, false), options);
}

/** A function of WASI 0.2 is a core function already. */
function lowerPreview2(
  frame: ComponentFrame,
  lowering: Lowering,
  { signature }: LoweredType,
  options: CanonOptions,
): CoreImport {
  const { instance, linking } = frame;
  const { preview2 } = linking;
  const { memory = NO_MEMORY, realloc = NO_REALLOC } = options;
  const call = lowering.lower(preview2, { memory, realloc, handles: preview2.resources }) as (
    ...flat: CoreValue[]
  ) => CoreValue | undefined | Promise<CoreValue | undefined>;
  if (!suspends(lowering, preview2)) {
    return plainImport(instance, (flat) => {
      mustMayLeave(instance);
      return call(...flat) as CoreValue | undefined;
    });
  }
  return waitingImport(instance, signature, (flat) => {
    mustMayLeave(instance);
    const answer = call(...flat);
    if (!(answer instanceof Promise)) return answer;
    const settled = new Settled(frame, answer);
    instance.thread.block(settled, false, () => settled.value, true);
    return WAIT;
  });
}

/** A promise that a thread waits for. */
class Settled {
  readonly waiters: LinkedList<Thread> = new LinkedList();
  value: CoreValue | undefined;
  #ready = false;

  constructor({ linking: { store } }: ComponentFrame, promise: Promise<CoreValue | undefined>) {
    promise.then(
      (value) => {
        this.value = value;
        this.#ready = true;
        if (this.waiters.first !== undefined) store.wake(this.waiters.first);
      },
      (error: unknown) => store.fail(error),
    );
  }

  isReady(): boolean {
    return this.#ready;
  }
}
