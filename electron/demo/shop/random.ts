/** A small seeded generator of numbers in [0, 1): sfc32 (Chris Doty-Humphrey, PractRand). Equal seeds give equal sequences. */
export function randomFrom(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed >>> 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warm = 0; warm < 15; warm += 1) next();
  return next;
}

/** Whole number from 0 to `below` - 1; `skew` above 1 prefers small ones, as popularity does. */
export function pick(random: () => number, below: number, skew = 1): number {
  return Math.min(below - 1, Math.floor(below * random() ** skew));
}

/** Multipliers of `mix`, one for each attribute that is derived from an id (xxHash's primes). */
export const multipliers = [2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263, 374_761_393] as const;

/**
 * Derives an attribute from an id, the same in Postgres (`shop_mix`) and here, so that what the cache is seeded
 * with equals the rows. Exact for ids below 2,700,000: the product stays under 2^53.
 */
export function mix(id: number, attribute: 0 | 1 | 2 | 3 | 4, below: number): number {
  return Math.floor(((id * multipliers[attribute]) % 4_294_967_296) / 128) % below;
}
