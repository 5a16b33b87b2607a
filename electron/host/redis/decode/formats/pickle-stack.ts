import { holds, TreeBuilder, type TreeKind } from '../../../../../shared/decode/tree.ts';
import { DecodeFault } from '../fault.ts';

/** A value on the stack. */
export interface PickleItem {
  readonly id: number;
  /** Came from the memo while its first place is elsewhere: it becomes a reference. */
  readonly again: boolean;
}

/**
 * The stack and memo of the pickle machine, with tree nodes in place of Python's objects. Nothing is called: what would
 * be a call is a node that names the function and holds the arguments.
 */
export class PickleStack {
  readonly tree = new TreeBuilder();
  #stack: PickleItem[] = [];
  readonly #marks: PickleItem[][] = [];
  readonly #memo = new Map<number, number>();
  /** Nodes that have their place in the tree, or wait on the stack for one. */
  readonly #placed = new Set<number>();
  memoised = 0;

  push(id: number): number {
    this.#placed.add(id);
    this.#stack.push({ id, again: false });
    return id;
  }

  add(kind: TreeKind, text: string, start: number, end: number, note = '', bytes: Uint8Array | null = null): number {
    return this.push(this.tree.add(kind, text, start, end, note, bytes));
  }

  pop(at: number): PickleItem {
    const item = this.#stack.pop();
    if (item === undefined) throw new DecodeFault('the stack is empty where a value has to be', at);
    return item;
  }

  /** A value that goes from the stack without a place in the tree. */
  discard(at: number): void {
    if (this.#stack.length === 0 && this.#marks.length > 0) {
      this.toMark(at);
      return;
    }
    const { id, again } = this.pop(at);
    if (!again) this.#placed.delete(id);
  }

  top(at: number): PickleItem {
    const item = this.#stack.at(-1);
    if (item === undefined) throw new DecodeFault('the stack is empty where a value has to be', at);
    return item;
  }

  duplicate(at: number): void {
    this.#stack.push({ id: this.top(at).id, again: true });
  }

  mark(): void {
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  /** Everything above the last mark, which goes. */
  toMark(at: number): PickleItem[] {
    const below = this.#marks.pop();
    if (below === undefined) throw new DecodeFault('no mark where one has to be', at);
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  forget(items: readonly PickleItem[]): void {
    for (const { id, again } of items) if (!again) this.#placed.delete(id);
  }

  put(key: number, at: number): void {
    this.#memo.set(key, this.top(at).id);
    this.memoised = this.#memo.size;
  }

  get(key: number, from: number, to: number): void {
    const id = this.#memo.get(key);
    if (id === undefined) throw new DecodeFault(`memo ${key} is not set`, from);
    const node = this.tree.nodes[id];
    // a scalar that comes again is simply the same scalar
    if (node && !holds(node.kind)) this.add(node.kind, node.text, from, to, node.note, node.bytes);
    else if (this.#placed.has(id)) this.#stack.push({ id, again: true });
    else this.push(id);
  }

  attach(parent: number, item: PickleItem): void {
    this.tree.attach(parent, item.again ? this.#reference(item.id) : item.id);
  }

  /** A labelled part of a call. */
  part(parent: number, label: string, item: PickleItem, at: number): void {
    this.tree.attach(parent, this.tree.add('text', label, at, at, 'part'));
    this.attach(parent, item);
  }

  #reference(target: number): number {
    const node = this.tree.nodes[target];
    const id = this.tree.add('ref', `${node?.kind === 'call' || node?.kind === 'tagged' ? node.text : (node?.kind ?? 'value')} at byte ${node?.start ?? 0}`, -1, -1, 'same object');
    const made = this.tree.nodes[id];
    if (made) made.target = target;
    return id;
  }

  /** Nothing may be left over when the machine stops. */
  finish(at: number): number {
    const { id } = this.pop(at);
    if (this.#stack.length > 0 || this.#marks.length > 0) throw new DecodeFault('values are left on the stack', at);
    return id;
  }
}
