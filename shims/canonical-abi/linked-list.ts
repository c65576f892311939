/** A place in a {@link LinkedList}; `list` is undefined once it was taken out. */
export interface ListNode<T> {
  readonly value: T;
  next: ListNode<T> | undefined;
  previous: ListNode<T> | undefined;
  list: LinkedList<T> | undefined;
}

/** First in, first out; anything in it can be taken out in no time, however long the list is. */
export class LinkedList<T> {
  size = 0;
  #first: ListNode<T> | undefined;
  #last: ListNode<T> | undefined;

  get first(): T | undefined {
    return this.#first?.value;
  }

  add(value: T): ListNode<T> {
    const node: ListNode<T> = { value, next: undefined, previous: this.#last, list: this };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.size++;
    return node;
  }

  /** Does nothing for a node that is in no list. */
  remove(node: ListNode<T>): void {
    if (node.list !== this) return;
    const { next, previous } = node;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    node.list = undefined;
    this.size--;
  }

  shift(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.remove(node);
    return node.value;
  }

  /** The first that `accept` takes is taken out. */
  take(accept: (value: T) => boolean): T | undefined {
    for (let node = this.#first; node !== undefined; node = node.next) {
      if (!accept(node.value)) continue;
      this.remove(node);
      return node.value;
    }
    return undefined;
  }

  clear(): void {
    while (this.shift() !== undefined);
  }

  /** @param visit may take out the one that it is called with */
  forEach(visit: (value: T) => void): void {
    for (let node = this.#first; node !== undefined;) {
      const { next } = node;
      visit(node.value);
      node = next;
    }
  }
}
