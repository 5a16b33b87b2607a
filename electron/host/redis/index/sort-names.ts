/** Where the bytes to sort by lie: `locate` sets `chunk`, `from` and `to` for an id. Reused, so that sorting allocates nothing. */
export interface NameSource {
  chunk: Uint8Array;
  from: number;
  to: number;
  locate(id: number): void;
  /** Order of two ids whose bytes are the same; 0 where that cannot be. */
  tie(a: number, b: number): number;
}

/** Bytewise order of two ids' names from `depth` on. */
export function compareNames(source: NameSource, a: number, b: number, depth = 0): number {
  source.locate(a);
  const { chunk, from, to } = source;
  source.locate(b);
  const other = source.chunk;
  const length = to - from;
  const otherLength = source.to - source.from;
  const shorter = Math.min(length, otherLength);
  for (let i = depth; i < shorter; i += 1) {
    const difference = (chunk[from + i] as number) - (other[source.from + i] as number);
    if (difference !== 0) return difference;
  }
  return length - otherLength || source.tie(a, b);
}

/** Four bytes of a name as a number, zeros after its end. */
function wordAt(source: NameSource, id: number, depth: number): number {
  source.locate(id);
  const { chunk, to } = source;
  const at = source.from + depth;
  if (at + 4 <= to) {
    return (((chunk[at] as number) << 24) | ((chunk[at + 1] as number) << 16) | ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number)) >>> 0;
  }
  let word = 0;
  for (let i = 0; i < 4; i += 1) word = (word << 8) | (at + i < to ? (chunk[at + i] as number) : 0);
  return word >>> 0;
}

const smallGroup = 10;

function insertionSort(ids: Uint32Array, low: number, high: number, depth: number, source: NameSource): void {
  for (let i = low + 1; i < high; i += 1) {
    const id = ids[i] as number;
    let at = i;
    while (at > low && compareNames(source, ids[at - 1] as number, id, depth) > 0) {
      ids[at] = ids[at - 1] as number;
      at -= 1;
    }
    ids[at] = id;
  }
}

function median(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : Math.max(a, c);
  return a < c ? a : Math.max(b, c);
}

/**
 * Sorts `ids[0, count)` bytewise by name: a quicksort on cached words of four bytes that goes deeper only where words
 * are equal (multikey quicksort). No comparator is called on large groups, and the depth of equal bytes costs no stack.
 */
export function sortByName(ids: Uint32Array, count: number, source: NameSource): void {
  const words = new Uint32Array(count > smallGroup ? count : 0);
  const swap = (a: number, b: number): void => {
    const id = ids[a] as number;
    ids[a] = ids[b] as number;
    ids[b] = id;
    const word = words[a] as number;
    words[a] = words[b] as number;
    words[b] = word;
  };
  // groups to sort: low, high, depth, whether their words are loaded
  const tasks: number[] = [0, count, 0, 0];
  while (tasks.length > 0) {
    const loaded = tasks.pop() as number;
    const depth = tasks.pop() as number;
    const high = tasks.pop() as number;
    const low = tasks.pop() as number;
    if (high - low <= smallGroup) {
      insertionSort(ids, low, high, depth, source);
      continue;
    }
    if (loaded === 0) for (let i = low; i < high; i += 1) words[i] = wordAt(source, ids[i] as number, depth);
    const pivot = median(words[low] as number, words[(low + high) >>> 1] as number, words[high - 1] as number);
    let less = low;
    let greater = high;
    for (let i = low; i < greater; ) {
      const word = words[i] as number;
      if (word < pivot) {
        swap(i, less);
        less += 1;
        i += 1;
      } else if (word > pivot) {
        greater -= 1;
        swap(i, greater);
      } else {
        i += 1;
      }
    }
    if (less - low > 1) tasks.push(low, less, depth, 1);
    if (high - greater > 1) tasks.push(greater, high, depth, 1);
    if (greater - less > 1) {
      const open = endedFirst(ids, less, greater, depth + 4, source);
      if (greater - open > 1) tasks.push(open, greater, depth + 4, 0);
    }
  }
}

/** Of names that are equal up to `depth`, puts those that end by then in front, in order; returns where the others begin. */
function endedFirst(ids: Uint32Array, low: number, high: number, depth: number, source: NameSource): number {
  let open = low;
  for (let i = low; i < high; i += 1) {
    const id = ids[i] as number;
    source.locate(id);
    if (source.to - source.from > depth) continue;
    ids[i] = ids[open] as number;
    ids[open] = id;
    open += 1;
  }
  // at most a handful of lengths and ties are possible here, so they are already almost sorted
  if (open - low > 1) insertionSort(ids, low, open, Math.max(0, depth - 4), source);
  return open;
}

/** First place in sorted `ids[0, count)` whose name is not less than that of `id`. */
export function lowerBound(ids: Uint32Array, count: number, id: number, source: NameSource): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(source, ids[middle] as number, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
