import { randomUUID } from 'node:crypto';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { saysError } from '../values/replies.ts';
import type { RedisSession } from '../session.ts';
import { JournalChanges } from './journal/changes.ts';
import { RecordReader } from './journal/record-file.ts';
import { decodeRecord, rdbVersionOf, type KeptValue, type ValueShape } from './journal/records.ts';

/** The probe goes by itself should the connection break before it is removed, ms. */
const probeLifeMs = 5000;

const refusals = /version or checksum|bad data format|unknown.*module|module.*not/i;

/** One value of each type and format of a journal. */
export async function samplesOf(journal: string, shapes: readonly ValueShape[] | undefined): Promise<KeptValue[]> {
  if (shapes === undefined) return (await lookThrough(journal)).samples;
  const samples: KeptValue[] = [];
  for (const { type, format, at } of shapes) {
    for await (const { payload } of new RecordReader(journal).read(at)) {
      const record = decodeRecord(payload);
      const found = record.kind === 'intents' ? record.intents.find(({ kept }) => kept?.type === type && rdbVersionOf(kept.dump) === format) : undefined;
      if (found?.kept !== undefined) samples.push(found.kept);
      break;
    }
  }
  return samples;
}

/** Reads a whole journal: how many changes it holds, and a value of each type and format. */
export async function lookThrough(journal: string): Promise<{ total: number; samples: KeptValue[]; changes: JournalChanges }> {
  const changes = new JournalChanges(journal);
  const samples = new Map<string, KeptValue>();
  let total = 0;
  for await (const some of changes.read()) {
    total += some.length;
    for (const { kept } of some) {
      if (kept === undefined) continue;
      const key = `${kept.type} ${rdbVersionOf(kept.dump)}`;
      if (!samples.has(key)) samples.set(key, kept);
    }
  }
  return { total, samples: [...samples.values()], changes };
}

/**
 * Tries one value of each type and format under a name of its own, which goes at once. Returns why this server cannot take them; `null`
 * when it can. Rejects with what stops it for another reason.
 */
export async function refusalOf(session: RedisSession, db: number, samples: readonly KeptValue[]): Promise<LookasideError | null> {
  for (const { type, dump } of samples) {
    const name = `lookaside:probe:${randomUUID()}`;
    const [outcome] = await session.batch(db, [['RESTORE', name, probeLifeMs, dump]]);
    if (!(outcome instanceof LookasideError)) {
      await session.batch(db, [['DEL', name]]);
      continue;
    }
    const reply = String(outcome.details['reply'] ?? outcome.message);
    if (!refusals.test(reply)) throw outcome;
    const { flavour, version } = session.facts();
    const server = flavour === 'unknown' ? 'This server' : `${flavour === 'valkey' ? 'Valkey' : flavour === 'redis' ? 'Redis' : flavour} ${version}`;
    const why = saysError(outcome, 'version or checksum') ? `written in RDB format ${rdbVersionOf(dump)}, which it does not know` : 'of a type that it does not know';
    return new LookasideError('UNSUPPORTED', `${server} cannot take back the values of type ${type}: they are ${why}`, {
      hint: 'Undo on the server that they came from, or on one of the same version with the same modules. Nothing was changed.',
      details: { type, format: rdbVersionOf(dump), reply },
    });
  }
  return null;
}
