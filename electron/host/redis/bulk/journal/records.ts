import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { wireBytes } from '../../../../../shared/bytes.ts';
import { runKinds } from '../../../../../shared/contract/bulk.ts';
import { invalidateAction } from '../../../../../shared/contract/invalidate.ts';
import { keyFilter } from '../../../../../shared/contract/key-filter.ts';
import { ttlAction } from '../../../../../shared/contract/ttl-action.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';

/** Grows when records of an earlier version can no longer be read as they are. */
export const journalVersion = 1;

/** What a run is about; the first record of its journal. */
export const runHeader = v.object({
  version: v.literal(journalVersion),
  runId: v.string(),
  kind: v.picklist(runKinds),
  unit: v.picklist(['keys', 'fields']),
  title: v.string(),
  workspaceId: v.string(),
  workspaceName: v.string(),
  db: v.number(),
  /** The hash whose fields are changed. */
  hash: v.nullable(wireBytes),
  /** What happens to the expiry; `null` where the key itself goes. */
  action: v.nullable(ttlAction),
  /** Of the jitter. */
  seed: v.number(),
  /** What must still hold of a key before it is changed. */
  filter: v.nullable(keyFilter),
  /** What must hold beside it. */
  also: v.optional(v.array(keyFilter)),
  exclude: v.array(keyFilter),
  total: v.number(),
  startedAt: v.number(),
  /** `run_id` of each server at the start; empty when it may not be asked. */
  servers: v.array(v.object({ node: v.string(), runId: v.string() })),
  /** Of an invalidation. */
  invalidate: v.optional(
    v.object({
      action: invalidateAction,
      /** Values are kept for an undo. */
      undo: v.boolean(),
      /** Keys by node, as planned. */
      byNode: v.array(v.object({ node: v.string(), keys: v.number() })),
      approvedBy: v.optional(v.string()),
    }),
  ),
});
export type RunHeader = v.InferOutput<typeof runHeader>;

/** Everything that RESTORE needs beside name and expiry. */
export interface KeptValue {
  type: string;
  /** As DUMP gives it: its last ten bytes are the RDB version and a checksum of the rest. */
  dump: Buffer;
  /** OBJECT IDLETIME in seconds, or OBJECT FREQ; `null` where neither was told. */
  use: { by: 'idle' | 'frequency'; value: number } | null;
}

/** Format of a value by the RDB version that DUMP wrote behind it. */
export function rdbVersionOf(dump: Buffer): number {
  return dump.length < 10 ? 0 : dump.readUInt16LE(dump.length - 10);
}

/** A type and format of values in a journal, and where the first of them stands. */
export const valueShape = v.object({ type: v.string(), format: v.number(), at: v.number() });
export type ValueShape = v.InferOutput<typeof valueShape>;

/** One change that is about to be made. */
export interface Intent {
  name: Buffer;
  db: number;
  /** Unix ms before, -1 = none. */
  earlier: number;
  /** Unix ms after, -1 = none. */
  target: number;
  /** Of a key that is deleted and can be given back. */
  kept?: KeptValue;
  /** The name that it gets. */
  to?: Buffer;
}

/** What became of an intent. `unknown`: the connection broke before the answer. */
export const outcomes = ['changed', 'not-changed', 'failed', 'unknown'] as const;
export type IntentOutcome = (typeof outcomes)[number];

/** How an intent's use is written. */
const uses = ['none', 'idle', 'frequency'] as const;

export type JournalRecord =
  | { kind: 'header'; header: RunHeader }
  /** On disk before the change is sent. */
  | { kind: 'intents'; page: number; attempt: number; intents: Intent[] }
  /** A page whose changes keep nothing is being worked on: what of it is gone later, this run has taken. */
  | { kind: 'begun'; page: number }
  /** In the order of the intents of the same page and attempt. */
  | { kind: 'outcomes'; page: number; attempt: number; outcomes: IntentOutcome[] }
  /** Nothing of this page is left to do. `tally`: JSON of its counts. */
  | { kind: 'page-done'; page: number; tally: string }
  /** Of a later version of this program, or of another kind of run: kept, not understood. */
  | { kind: 'other'; tag: number };

const tags = { header: 1, intents: 2, outcomes: 3, 'page-done': 4, begun: 5, values: 6, moves: 7 } as const;

function writeIntent(writer: ByteWriter, { name, earlier, target }: Intent): ByteWriter {
  return writer.bytes(name).whole(earlier).whole(target);
}

/** One key with its value. It has a checksum of its own, so that one altered byte costs one key. */
function writeValue(writer: ByteWriter, intent: Intent & { kept: KeptValue }): void {
  const { type, dump, use } = intent.kept;
  writeIntent(writer, intent).bytes(Buffer.from(type));
  writer.u8(uses.indexOf(use?.by ?? 'none')).whole(use?.value ?? 0).bytes(dump);
}

function decodeValue(bytes: Buffer, db: number): Intent & { kept: KeptValue } {
  const reader = new ByteReader(bytes);
  const [name, earlier, target] = [reader.view(), reader.whole(), reader.whole()];
  const type = reader.view().toString('utf8');
  const by = uses[reader.u8()] ?? 'none';
  const value = reader.whole();
  return { name, db, earlier, target, kept: { type, dump: reader.view(), use: by === 'none' ? null : { by, value } } };
}

function hasValue(intent: Intent): intent is Intent & { kept: KeptValue } {
  return intent.kept !== undefined;
}

function encodeIntents({ page, attempt, intents }: { page: number; attempt: number; intents: Intent[] }): Buffer {
  const first = intents[0];
  const db = first?.db ?? 0;
  if (first !== undefined && hasValue(first)) {
    const values = intents.filter(hasValue);
    const writer = new ByteWriter(values.reduce((sum, { name, kept }) => sum + name.length + kept.dump.length + 64, 32));
    writer.u8(tags.values).u32(page).u32(attempt).u32(db).u32(values.length);
    for (const value of values) writer.sealed(() => writeValue(writer, value));
    return writer.done();
  }
  const moves = first?.to !== undefined;
  const writer = new ByteWriter(intents.length * 48 + 32).u8(moves ? tags.moves : tags.intents).u32(page).u32(attempt).u32(intents.length);
  for (const intent of intents) {
    writeIntent(writer, intent);
    if (moves) writer.bytes(intent.to ?? intent.name);
  }
  // readers of the first version stop before it: they know one database
  return writer.u32(db).done();
}

/** What can still be read of a record of values whose checksum is wrong. Rejected entries: `null`, with the name where it makes sense. */
export function salvageValues(payload: Buffer): { page: number; attempt: number; entries: { intent: Intent | null; name: Buffer | null }[] } | null {
  const reader = new ByteReader(payload);
  const entries: { intent: Intent | null; name: Buffer | null }[] = [];
  try {
    if (reader.u8() !== tags.values) return null;
    const [page, attempt, db, count] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    for (let at = 0; at < count; at += 1) {
      const sum = reader.u32();
      const value = reader.view();
      if (crc32(value) === sum) {
        const intent = decodeValue(value, db);
        entries.push({ intent, name: intent.name });
        continue;
      }
      let name: Buffer | null = null;
      try {
        name = new ByteReader(value).bytes();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      entries.push({ intent: null, name });
    }
    return { page, attempt, entries };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return entries.length === 0 ? null : { page: 0, attempt: 0, entries: [...entries, { intent: null, name: null }] };
  }
}

export function encodeRecord(record: Exclude<JournalRecord, { kind: 'other' }>): Buffer {
  const writer = new ByteWriter().u8(tags[record.kind]);
  switch (record.kind) {
    case 'header':
      return writer.bytes(Buffer.from(JSON.stringify(record.header))).done();
    case 'intents':
      return encodeIntents(record);
    case 'begun':
      return writer.u32(record.page).done();
    case 'outcomes':
      writer.u32(record.page).u32(record.attempt);
      return writer.bytes(Uint8Array.from(record.outcomes, (outcome) => outcomes.indexOf(outcome))).done();
    case 'page-done':
      return writer.u32(record.page).bytes(Buffer.from(record.tally)).done();
  }
}

/** Throws for a payload that its checksum vouches for and that yet makes no sense. `headerDb`: the database of records that name none. */
export function decodeRecord(payload: Buffer, headerDb = 0): JournalRecord {
  const reader = new ByteReader(payload);
  const tag = reader.u8();
  switch (tag) {
    case tags.header:
      return { kind: 'header', header: v.parse(runHeader, JSON.parse(reader.bytes().toString('utf8'))) };
    case tags.intents:
    case tags.moves: {
      const [page, attempt, count] = [reader.u32(), reader.u32(), reader.u32()];
      const intents = Array.from({ length: count }, (): Intent => {
        const intent = { name: reader.bytes(), db: headerDb, earlier: reader.whole(), target: reader.whole() };
        return tag === tags.moves ? { ...intent, to: reader.bytes() } : intent;
      });
      if (!reader.atEnd) {
        const db = reader.u32();
        for (const intent of intents) intent.db = db;
      }
      return { kind: 'intents', page, attempt, intents };
    }
    case tags.values: {
      const [page, attempt, db, count] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
      const intents = Array.from({ length: count }, () => {
        reader.u32();
        return decodeValue(reader.view(), db);
      });
      return { kind: 'intents', page, attempt, intents };
    }
    case tags.begun:
      return { kind: 'begun', page: reader.u32() };
    case tags.outcomes: {
      const [page, attempt] = [reader.u32(), reader.u32()];
      return { kind: 'outcomes', page, attempt, outcomes: Array.from(reader.bytes(), (code) => outcomes[code] ?? 'unknown') };
    }
    case tags['page-done']:
      return { kind: 'page-done', page: reader.u32(), tally: reader.bytes().toString('utf8') };
    default:
      return { kind: 'other', tag };
  }
}
