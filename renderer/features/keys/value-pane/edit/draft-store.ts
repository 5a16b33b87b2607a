import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { PresentState } from '../../../../../shared/contract/edit.ts';
import type { Layered, Side } from './layered.ts';

/** What is being edited and not saved: it outlives reading again, and leaving the key. */
export interface Draft {
  /** As it was read; the save is refused when something else stands there. */
  readonly base: Uint8Array;
  readonly bytes: Uint8Array;
  /** Edited through layers: `base` and `bytes` are what stands behind them. */
  readonly layered?: Layered | undefined;
  /** A save was refused, and it is not decided what becomes of the two values. */
  readonly conflict?: DraftConflict | undefined;
}

export interface DraftConflict {
  readonly reason: string;
  readonly present: PresentState;
  /** What stands there now, where it is another value than was read and can be shown beside it. */
  readonly theirs: Side | null;
  /** Why what stands there is not read through the layers of the edit; empty otherwise. */
  readonly unread: string;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function isChanged({ base, bytes }: Draft): boolean {
  return !sameBytes(base, bytes);
}

/** `part` is empty for the whole value, else what is edited of it. */
export function draftId(name: WireBytes, part: string): string {
  return `${wireKey(name)}\n${part}`;
}

const stores = new Map<string, DraftStore>();

/** The drafts of one database. They outlive the screen: what was typed is there again when its key is opened anew. */
export function draftsOf(workspaceId: string, db: number): DraftStore {
  const key = `${workspaceId} ${db}`;
  const store = stores.get(key) ?? new DraftStore();
  stores.set(key, store);
  return store;
}

/** Drafts by what they are of. One key may have several: its value, elements of it. */
export class DraftStore {
  private readonly drafts = new Map<string, Draft>();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(id: string): Draft | null {
    return this.drafts.get(id) ?? null;
  }

  set(id: string, draft: Draft | null): void {
    if (draft === null) this.drafts.delete(id);
    else this.drafts.set(id, draft);
    for (const listener of this.listeners) listener();
  }

  /** The first part of this key that is being edited and whose id begins so; `null` when there is none. */
  partOf(name: WireBytes, prefix: string): string | null {
    const start = draftId(name, '');
    for (const id of this.drafts.keys()) if (id.startsWith(start + prefix)) return id.slice(start.length);
    return null;
  }

  /** Whether anything of this key, or of any key, is changed and not saved. */
  changed(name?: WireBytes): boolean {
    const start = name === undefined ? '' : draftId(name, '');
    for (const [id, draft] of this.drafts) if (id.startsWith(start) && isChanged(draft)) return true;
    return false;
  }
}
