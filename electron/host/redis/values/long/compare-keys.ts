import type { CompareRow, CompareSnapshot } from '../../../../../shared/contract/value-work.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import { keyFacts } from '../key-facts.ts';
import type { KeyAt } from '../key-read.ts';
import { compareBytesOf } from './compare-bytes.ts';
import { compareElements } from './compare-elements.ts';
import { compareIds, comparePositions } from './compare-ordered.ts';
import type { Comparison } from './comparison.ts';
import { progressStream } from './progress-stream.ts';
import type { ResultShelf } from './result-shelf.ts';

/** Differences whose rows are kept; all are counted. */
const maxRows = 20_000;

export interface ComparedRows {
  rows: CompareRow[];
}

const nothingRead: Omit<KeyFacts, 'name'> = {
  type: 'none', encoding: null, ttlMs: null, readAt: 0, length: null, memoryBytes: null, memoryExactness: 'exact', idleSeconds: null, frequency: null, node: null, slot: null,
};

type By = CompareSnapshot['by'];

function byOf(left: KeyFacts, right: KeyFacts): By {
  if (left.type !== right.type || left.type === 'none') return 'none';
  const ways: Record<string, By> = { string: 'bytes', hash: 'elements', set: 'elements', zset: 'elements', list: 'positions', stream: 'ids' };
  return Object.hasOwn(ways, left.type) ? (ways[left.type] ?? 'none') : 'none';
}

function noteOf(left: KeyFacts, right: KeyFacts, by: By): string {
  if (left.type === 'none' || right.type === 'none') return left.type === right.type ? 'Neither key exists.' : `The ${left.type === 'none' ? 'left' : 'right'} key does not exist.`;
  if (left.type !== right.type) return `The types differ: ${left.type} and ${right.type}.`;
  return by === 'none' ? `Values of type ${left.type} are not compared, only their facts.` : '';
}

/** Compares two keys piece by piece; rows of differences go to the shelf as they are found. */
export function compareKeys(left: KeyAt, right: KeyAt, names: { left: KeyFacts['name']; right: KeyFacts['name'] }, shelf: ResultShelf<ComparedRows>, signal: AbortSignal): AsyncGenerator<CompareSnapshot, void, void> {
  const kept: ComparedRows = { rows: [] };
  const compareId = shelf.put(kept);
  const state: Omit<CompareSnapshot, 'compareId' | 'rows'> = {
    done: false,
    left: { ...nothingRead, name: names.left },
    right: { ...nothingRead, name: names.right },
    by: 'none',
    looked: 0,
    total: 0,
    counts: { same: 0, left: 0, right: 0, different: 0 },
    exactness: 'atLeast',
    note: '',
  };
  return progressStream(
    signal,
    () => ({ ...state, counts: { ...state.counts }, compareId, rows: kept.rows.length }),
    async (working, changed) => {
      [state.left, state.right] = await Promise.all([keyFacts(left), keyFacts(right)]);
      state.by = byOf(state.left, state.right);
      state.note = noteOf(state.left, state.right, state.by);
      state.total = (state.left.length ?? 0) + (state.right.length ?? 0);
      changed();
      const comparison: Comparison = {
        left,
        right,
        type: state.left.type,
        lengths: [state.left.length ?? 0, state.right.length ?? 0],
        signal: working,
        add: (side, amount, row) => {
          state.counts[side] += amount;
          if (row !== undefined && kept.rows.length < maxRows) kept.rows.push(row());
        },
        looked: (elements) => {
          if (working.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
          state.looked += elements;
          changed();
        },
      };
      let whole = true;
      if (state.by === 'bytes') whole = await compareBytesOf(comparison);
      if (state.by === 'elements') whole = await compareElements(comparison);
      if (state.by === 'positions') whole = await comparePositions(comparison);
      if (state.by === 'ids') whole = await compareIds(comparison);
      const [leftNow, rightNow] = await Promise.all([keyFacts(left), keyFacts(right)]);
      const moved = leftNow.length !== state.left.length || rightNow.length !== state.right.length || leftNow.type !== state.left.type || rightNow.type !== state.right.type;
      state.exactness = moved ? 'estimated' : whole ? 'exact' : state.by === 'elements' ? 'estimated' : 'atLeast';
      if (moved) state.note = 'A key changed while it was compared.';
      else if (!whole) state.note = state.by === 'elements' ? 'Too many elements to look at all: these counts are of a sample.' : 'Only the beginning was compared: the values are too long to look at all.';
      state.done = true;
    },
  );
}
