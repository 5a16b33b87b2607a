import { join } from 'node:path';
import { fromWire, type WireBytes } from '../../../shared/bytes.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { AuditJournal } from '../connections/audit-journal.ts';
import type { ConnectionService, JobService, ValueWorkService, WorkspaceService } from '../services.ts';
import { keyAt } from './values/key-read.ts';
import { compareKeys, type ComparedRows } from './values/long/compare-keys.ts';
import { countBits } from './values/long/count-bits.ts';
import { exportElements } from './values/long/export-elements.ts';
import { createResultShelf } from './values/long/result-shelf.ts';
import { saveBytes } from './values/long/save-bytes.ts';
import { searchString, type FoundPlaces } from './values/long/search-string.ts';
import { actionWords, actOnStream, trimPreview } from './values/long/stream-actions.ts';

const maxNeedle = 4096;

export interface ValueWorkDependencies {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  jobs: JobService;
  audit: AuditJournal;
  /** The data folder; files go to `exports` in it. */
  folder: string;
}

function shown(name: WireBytes): string {
  const text = typeof name === 'string' ? name : 'a binary key';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Long work on single values, and changes of streams. */
export function createValueWorkService({ connections, workspaces, jobs, audit, folder }: ValueWorkDependencies): ValueWorkService {
  const searches = createResultShelf<FoundPlaces>('search');
  const comparisons = createResultShelf<ComparedRows>('comparison');
  const exports = join(folder, 'exports');
  const at = (where: { workspaceId: string; db: number; name: WireBytes }) => keyAt(connections, where);

  return {
    async *search({ needle, ignoreCase = false, from = 0, ...input }, signal) {
      const bytes = Buffer.from(fromWire(needle));
      if (bytes.length === 0 || bytes.length > maxNeedle) {
        throw new LookasideError('INVALID_INPUT', `needle: expected 1 to ${maxNeedle} bytes`, { details: { field: 'needle' } });
      }
      yield* searchString(at(input), { needle: bytes, ignoreCase, from }, searches, signal);
    },
    searchMatches: async ({ searchId, from, count }) => ({ offsets: searches.get(searchId).offsets.slice(from, from + count) }),
    async *bitCount(input, signal) {
      yield* countBits(at(input), signal);
    },
    async saveBytes({ from, to, ...input }) {
      const key = at(input);
      const jobId = jobs.start(
        { kind: 'export-value', workspaceId: input.workspaceId, title: `Save bytes of ${shown(input.name)}`, unit: 'bytes', total: to === null ? null : to - from },
        (control) => saveBytes(key, { from, to }, exports, control),
      );
      return { jobId };
    },
    async exportElements({ type, format, ...input }) {
      const key = at(input);
      const jobId = jobs.start(
        { kind: 'export-value', workspaceId: input.workspaceId, title: `Export ${shown(input.name)} as ${format === 'csv' ? 'CSV' : 'JSON Lines'}`, unit: 'elements', total: null },
        (control) => exportElements(key, type, format, exports, control),
      );
      return { jobId };
    },
    async *compare({ left, right }, signal) {
      yield* compareKeys(at(left), at(right), { left: left.name, right: right.name }, comparisons, signal);
    },
    compareRows: async ({ compareId, from, count }) => ({ items: comparisons.get(compareId).rows.slice(from, from + count) }),
    trimPreview: async ({ to, ...input }) => trimPreview(at(input), to),
    async streamAct({ action, ...input }) {
      const key = at(input);
      const { name } = await workspaces.get(input.workspaceId);
      const about = { event: 'stream', workspaceId: input.workspaceId, workspaceName: name, db: input.db, key: input.name, operation: actionWords(action) } as const;
      // Nothing is changed without a record of it, and what was refused is on record too.
      await audit.write({ ...about, outcome: 'sent' });
      try {
        const acted = await actOnStream(key, action);
        await audit.write({ ...about, outcome: `${acted.affected} changed` });
        return acted;
      } catch (error) {
        await audit.write({ ...about, outcome: error instanceof LookasideError ? error.code : 'INTERNAL' });
        throw error;
      }
    },
  };
}
