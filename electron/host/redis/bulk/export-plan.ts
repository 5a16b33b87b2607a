import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { toWire } from '../../../../shared/bytes.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { csvField } from '../../../../shared/redis/export-lines.ts';
import type { JobControl } from '../../services.ts';
import { exportError } from '../export-error.ts';
import { exportFileName } from '../key-export.ts';
import type { PlanStore } from './plan-store.ts';

const rowsAtOnce = 5000;

export interface PlanExport {
  plans: PlanStore;
  planId: string;
  of: 'selected' | 'excluded';
  format: 'csv' | 'jsonl';
  folder: string;
  workspaceName: string;
}

type Row = Awaited<ReturnType<PlanStore['rows']>>['rows'][number];

function lineOf(format: 'csv' | 'jsonl', { place, name, facts }: Row): string {
  const [type, expiresAt, bytes, excluded] = [facts?.type ?? null, facts?.expiry ?? null, facts?.bytes ?? null, facts?.excluded ?? null];
  if (format === 'jsonl') return `${JSON.stringify({ db: place.db, name: toWire(name), type, expiresAt: expiresAt === -1 ? 'none' : expiresAt, bytes, excluded })}\n`;
  const fields = [place.db, nameLine(name), type, expiresAt === -1 ? 'none' : expiresAt, bytes, excluded];
  return `${fields.map((field) => csvField(String(field ?? ''))).join(',')}\r\n`;
}

/** The body of an export job: writes the rows of a plan to a new file. A partial file is removed. */
export async function exportPlan({ plans, planId, of, format, folder, workspaceName }: PlanExport, control: JobControl): Promise<void> {
  const file = join(folder, exportFileName(`${workspaceName}-plan`, format, new Date()));
  let complete = false;
  let created = false;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // names can be secrets; an existing file is never written over
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    const ended = finished(out);
    ended.catch(() => undefined);
    try {
      await once(out, 'open');
      created = true;
      if (format === 'csv') out.write('db,name,type,expires_at_ms,bytes,excluded\r\n');
      for (let done = 0, total = Infinity; done < total; ) {
        await control.checkpoint();
        const page = await plans.rows(planId, of, done, rowsAtOnce);
        total = page.total;
        if (page.rows.length === 0) break;
        done += page.rows.length;
        if (!out.write(page.rows.map((row) => lineOf(format, row)).join(''))) await Promise.race([once(out, 'drain'), ended]);
        control.report({ done, total });
      }
      out.end();
      await ended;
      complete = true;
      control.report({ done: (await plans.rows(planId, of, 0, 0)).total, file });
    } finally {
      if (!complete) out.destroy();
    }
  } catch (error) {
    throw exportError(error, 'The plan', file);
  } finally {
    if (created && !complete) await rm(file, { force: true });
  }
}
