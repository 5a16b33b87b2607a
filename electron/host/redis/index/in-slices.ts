const sliceMs = 8;

/** Runs a generator that yields now and then, a slice at a time, so that other calls are answered in between. */
export async function inSlices<T>(work: Generator<undefined, T, undefined>): Promise<T> {
  for (;;) {
    const deadline = performance.now() + sliceMs;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < deadline);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const run = 32;
const stepsPerYield = 1024;

/** Sorts places stably: short runs by insertion, then merges. Yields between steps. */
export function* mergeSort(places: Uint32Array, compare: (a: number, b: number) => number): Generator<undefined, Uint32Array, undefined> {
  const count = places.length;
  let from: Uint32Array = places;
  for (let low = 0; low < count; low += run) {
    for (let i = low + 1; i < Math.min(count, low + run); i += 1) {
      const place = from[i] as number;
      let at = i;
      for (; at > low && compare(from[at - 1] as number, place) > 0; at -= 1) from[at] = from[at - 1] as number;
      from[at] = place;
    }
    yield;
  }
  let to: Uint32Array = new Uint32Array(count);
  for (let width = run; width < count; width *= 2) {
    for (let low = 0; low < count; low += width * 2) {
      const middle = Math.min(count, low + width);
      const end = Math.min(count, low + width * 2);
      let left = low;
      let right = middle;
      for (let at = low; at < end; at += 1) {
        const takeLeft = left < middle && (right >= end || compare(from[left] as number, from[right] as number) <= 0);
        to[at] = from[takeLeft ? left : right] as number;
        if (takeLeft) left += 1;
        else right += 1;
        if (at % stepsPerYield === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
