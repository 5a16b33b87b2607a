import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';
import { base } from './base.ts';
import { cut, place, where } from './value-base.ts';

const few = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200));
/** Degrees as Redis's geo commands accept them (EPSG:900913 limits). */
const longitude = v.pipe(v.number(), v.minValue(-180), v.maxValue(180));
const latitude = v.pipe(v.number(), v.minValue(-85.051_128_78), v.maxValue(85.051_128_78));
const jsonPath = v.pipe(v.string(), v.maxLength(8192), v.startsWith('$'));

export const geoHit = v.object({ member: cut, longitude: v.number(), latitude: v.number(), distanceM: v.number() });
export type GeoHit = v.InferOutput<typeof geoHit>;

/** `attributes` is the JSON text of VSETATTR; `null` = none. */
export const vectorItem = v.object({ element: cut, attributes: v.nullable(cut), score: v.nullable(v.number()) });
export type VectorItem = v.InferOutput<typeof vectorItem>;

export const jsonKinds = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;

export const jsonChild = v.object({
  /** Member name of an object, `null` in an array. */
  name: v.nullable(v.string()),
  index: v.number(),
  /** Path of this child, for the next call. */
  path: v.string(),
  kind: v.picklist(jsonKinds),
  /** Members, elements, or characters of a string; `null` for the other scalars. */
  length: v.nullable(v.number()),
  /** JSON text of a scalar that is short enough to come with the page; `null` otherwise. */
  text: v.nullable(cut),
});
export type JsonChild = v.InferOutput<typeof jsonChild>;

/** Reads of what is more than bytes and elements. All of them are bounded, whatever the size of the value. */
export const specialContract = {
  /**
   * Ranks that a range of scores (ZCOUNT) or of names (ZLEXCOUNT, meant for one score for all) takes up, or where one
   * member stands, counted from the lowest; the rows come by `page` from there. Bounds are as the server writes them:
   * `10`, `(10`, `-inf`; for names `[a`, `(a`, `-`, `+`. `member` takes the member in `min`.
   */
  zsetRange: base
    .input(v.object({ ...where, by: v.picklist(['score', 'lex', 'member']), min: wireBytes, max: wireBytes }))
    .output(v.object({ from: v.number(), count: v.number(), total: v.number() })),
  /**
   * Next bit of this value at or after `from` (BITPOS by windows of 1 MiB, 64 MiB a call). `position: null` with
   * `lookedTo` below `bits` means: ask on from there.
   */
  bitNext: base
    .input(v.object({ ...where, bit: v.picklist([0, 1]), from: place }))
    .output(v.object({ position: v.nullable(v.number()), lookedTo: v.number(), bits: v.number() })),
  /**
   * Members within a radius (GEOSEARCH … COUNT ANY, so that the cost is bounded). `complete: false` means: there are
   * more than `limit`, and these are any of them.
   */
  geoRadius: base
    .input(v.object({ ...where, longitude, latitude, radiusM: v.pipe(v.number(), v.minValue(0), v.maxValue(21_000_000)), limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)) }))
    .output(v.object({ items: v.array(geoHit), complete: v.boolean() })),
  /** VINFO: dimensions, quantisation and what else the server tells of a vector set. */
  vectorInfo: base
    .input(v.object(where))
    .output(v.object({ total: v.number(), dimensions: v.number(), facts: v.array(v.object({ name: v.string(), value: v.string() })) })),
  /** Different elements at random (VRANDMEMBER): a vector set of this version has no cursor. */
  vectorSample: base.input(v.object({ ...where, count: few })).output(v.object({ total: v.number(), items: v.array(vectorItem) })),
  /** Elements nearest to one of the set (VSIM ELE), the nearest first; `score` 0 to 1. */
  vectorSimilar: base.input(v.object({ ...where, element: wireBytes, count: few })).output(v.object({ items: v.array(vectorItem) })),
  /** One element: its vector (at most 8,192 values come), attributes, and its neighbours per layer of the graph. NOT_FOUND when it is not in the set. */
  vectorElement: base.input(v.object({ ...where, element: wireBytes })).output(
    v.object({
      values: v.array(v.number()),
      dimensions: v.number(),
      attributes: v.nullable(cut),
      /** Top layer first. */
      layers: v.array(v.array(v.object({ element: cut, score: v.number() }))),
    }),
  ),
  /**
   * The node at a path of a RedisJSON document and a page of what it holds (JSON.TYPE, OBJKEYS, ARRLEN, GET). Objects
   * of more than 10,000 members are LIMIT_EXCEEDED: OBJKEYS gives only all of them.
   */
  jsonNode: base.input(v.object({ ...where, path: jsonPath, from: place, count: few })).output(
    v.object({ kind: v.picklist(jsonKinds), length: v.nullable(v.number()), text: v.nullable(cut), items: v.array(jsonChild) }),
  ),
  /** Bytes of DUMP, of a value whose MEMORY USAGE is below 8 MiB; LIMIT_EXCEEDED above, since DUMP writes all of it. */
  dumpSize: base.input(v.object(where)).output(v.object({ bytes: v.number() })),
};
