import * as v from 'valibot';
import { journalQuota, type JournalQuota } from '../../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { SettingsService } from '../../../services.ts';
import type { RunStore } from './run-store.ts';

const settingKey = 'bulk.journalQuota';
const usual: JournalQuota = { bytes: 1024 ** 3, days: 30 };
const dayMs = 86_400_000;

/** How much undo journals may take, and for how long. */
export class Quota {
  readonly #settings: Pick<SettingsService, 'all' | 'save'>;
  readonly #store: RunStore;

  constructor(settings: Pick<SettingsService, 'all' | 'save'>, store: RunStore) {
    this.#settings = settings;
    this.#store = store;
  }

  async read(): Promise<JournalQuota> {
    const text = (await this.#settings.all())[settingKey];
    if (text === undefined) return usual;
    try {
      return v.parse(journalQuota, JSON.parse(text));
    } catch (error) {
      // a setting that someone spoiled by hand counts as none
      if (error instanceof SyntaxError || error instanceof v.ValiError) return usual;
      throw error;
    }
  }

  async save(quota: JournalQuota): Promise<void> {
    await this.#settings.save({ [settingKey]: JSON.stringify(quota) });
  }

  async used(): Promise<number> {
    const sizes = await Promise.all((await this.#store.ids()).map((runId) => this.#store.bytes(runId)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /**
   * Removes journals that are too old, then the oldest ended ones until `needed` bytes fit. Runs that are not finished stay.
   * Rejects with LIMIT_EXCEEDED when there is no room.
   */
  async makeRoom(needed: number): Promise<void> {
    const quota = await this.read();
    const runs = await Promise.all(
      (await this.#store.ids()).map(async (runId) => {
        // what cannot be read is the user's to remove
        const run = await this.#store.load(runId).catch(() => null);
        return { runId, run, bytes: await this.#store.bytes(runId) };
      }),
    );
    let used = runs.reduce((sum, { bytes }) => sum + bytes, 0);
    const ended = runs
      .flatMap(({ runId, run, bytes }) => (run !== null && (run.state === 'done' || run.state === 'cancelled') ? [{ runId, bytes, endedAt: run.endedAt ?? 0 }] : []))
      .toSorted((a, b) => a.endedAt - b.endedAt);
    for (const { runId, bytes, endedAt } of ended) {
      const old = Date.now() - endedAt > quota.days * dayMs;
      if (!old && used + needed <= quota.bytes) continue;
      if (!old && needed > quota.bytes) break;
      await this.#store.remove(runId);
      used -= bytes;
    }
    if (used + needed > quota.bytes) {
      throw new LookasideError('LIMIT_EXCEEDED', `The undo journal needs about ${Math.ceil(needed / 1024 ** 2)} MiB, more than its quota has left`, {
        hint: 'Raise the quota of the journals, remove journals that are not needed any more, or change fewer keys.',
        details: { neededBytes: needed, usedBytes: used, quotaBytes: quota.bytes },
      });
    }
  }
}
