import * as v from 'valibot';
import { wireBytes } from '../bytes.ts';

/** One key: everything that asks about a value names it so. */
export const where = {
  workspaceId: v.string(),
  db: v.pipe(v.number(), v.integer(), v.minValue(0)),
  name: wireBytes,
};

/** A value or field that may have been cut: `bytes` is the whole length. */
export const cut = v.object({ data: wireBytes, bytes: v.number(), truncated: v.boolean() });
export type Cut = v.InferOutput<typeof cut>;

/** A place in a value: byte, bit, index. */
export const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
