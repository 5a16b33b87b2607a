import { createContext, useContext } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import type { DraftStore } from './draft-store.ts';

/** What is asked about a key in a dialog. Without `facts` they are read when it opens. */
export type KeyDialog =
  | { readonly kind: 'rename' | 'copy' | 'expiry' | 'remove'; readonly name: WireBytes; readonly facts: KeyFacts | null }
  | { readonly kind: 'create' }
  | { readonly kind: 'recent' };

export interface EditRun {
  /** What was done, past tense: `Saved user:1`. */
  done: string;
  call: () => Promise<EditResult>;
  /** Keys that may have come, gone or changed. */
  names: readonly WireBytes[];
  /** The key to show when it is taken back. */
  reopen?: WireBytes;
}

export interface Edits {
  /** Why nothing can be edited; empty when it can. */
  readonly blocked: string;
  readonly workspaceName: string;
  readonly production: boolean;
  readonly drafts: DraftStore;
  /**
   * Carries an edit out; when it took place says so with a way back, and has the key read again. Anything but that is the
   * caller's to show. Rejects with what `toProblem` understands.
   */
  run: (edit: EditRun) => Promise<EditResult>;
  ask: (dialog: KeyDialog) => void;
  /** Deletes at once where that is harmless (it can be undone), else asks. */
  remove: (name: WireBytes, facts: KeyFacts | null) => void;
  /** Keys that an edit of this page has taken away, as `wireKey` names them. */
  readonly removed: ReadonlySet<string>;
  /** Reads the open key again. */
  refresh: () => void;
  /** Offers to unlock writing. */
  unlock: () => void;
  show: (name: WireBytes) => void;
}

export const EditsContext = createContext<Edits | null>(null);

export function useEdits(): Edits {
  const edits = useContext(EditsContext);
  if (edits === null) throw new Error('useEdits is used outside of the keys screen');
  return edits;
}
