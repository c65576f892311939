import { trap } from '../../trap.ts';
import { abiOf, CallScope } from '../call-scope.ts';
import { Element } from '../guest-buffer.ts';
import { BLOCKED } from './subtask.ts';
import { builtin, WAIT, waitingBuiltin } from '../waiting-import.ts';
import type { Abi } from '../abi.ts';
import type { CanonOptions, CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { CopyEnd } from '../copy-end.ts';
import type { ValueType } from '../types.ts';

/** One of the four kinds of ends. */
export type EndClass<E extends CopyEnd> = abstract new (...args: never[]) => E;

/** What all builtins for one kind of end share. */
export class EndBuiltins<E extends CopyEnd> {
  readonly instance: ComponentInstance;
  readonly #kind: EndClass<E>;
  readonly #type: ValueType | undefined;

  constructor(instance: ComponentInstance, kind: EndClass<E>, type: ValueType | undefined) {
    this.instance = instance;
    this.#kind = kind;
    this.#type = type;
  }

  #endAt(index: number): E {
    const end = this.instance.handles.get(index >>> 0);
    if (!(end instanceof this.#kind)) trap(`handle ${index >>> 0} is no such end of a stream or future`);
    end.checkElement(this.#type);
    return end;
  }

  /** `stream_copy` and `future_copy` of the Canonical ABI. @param params how many there are, the end first */
  copy(
    options: CanonOptions,
    params: 2 | 3,
    start: (end: E, abi: Abi, element: Element, pointer: number, length: number) => void,
  ): CoreImport {
    const { instance } = this;
    const abi = abiOf(instance, options, new CallScope(instance));
    const element = new Element(this.#type);
    return this.#answering(options.async, params, (index, pointer, length) => {
      const end = this.#endAt(index);
      if (end.state !== 'idle') trap('an end of a stream or future is busy, or at its end');
      this.#mustNotBeInSet(end, options.async);
      start(end, abi, element, pointer >>> 0, params === 3 ? length >>> 0 : 1);
      return end;
    });
  }

  /** `cancel_copy` */
  cancel(async: boolean): CoreImport {
    return this.#answering(async, 1, (index) => {
      const end = this.#endAt(index);
      if (end.state !== 'copying' || end.hasSyncWaiter) trap('there is no copy to cancel');
      this.#mustNotBeInSet(end, async);
      end.cancel();
      return end;
    });
  }

  /** `drop` */
  drop(): CoreImport {
    return builtin(this.instance, (index) => {
      const end = this.#endAt(index);
      end.drop();
      this.instance.handles.remove(end.index);
      return undefined;
    });
  }

  #mustNotBeInSet(end: E, async: boolean): void {
    if (end.set !== undefined && !async) trap('a copy waits for an end that is in a waitable set');
  }

  /** The event of an end as answer; where it is not there yet, it comes later (`async`), or the caller waits. */
  #answering(async: boolean, params: 1 | 2 | 3, start: (...args: number[]) => E): CoreImport {
    const { instance } = this;
    if (async)
      return builtin(instance, (...args) => {
        const end = start(...args);
        return end.hasPendingEvent ? end.takeEvent() : BLOCKED;
      });
    return waitingBuiltin(instance, params, (...args) => {
      const end = start(...args);
      if (end.hasPendingEvent) return end.takeEvent();
      instance.thread.block(end, false, () => end.takeEvent());
      return WAIT;
    });
  }
}
