import type { Redis } from 'ioredis';
import type { BlastSnapshot } from '../../../../../shared/contract/blast-radius.ts';
import { LookasideError } from '../../../../../shared/contract/errors.ts';
import type { PostgresQueries } from '../../../connections/postgres-side.ts';
import type { BlastRadiusService } from '../../../services.ts';
import { openBulk, type BulkFixture, type BulkFixtureOptions } from '../../testing/bulk-fixture.ts';
import type { TestProfile } from '../../../connections/redis/testing/open-session.ts';
import { createBlastRadiusService, type BlastRadiusOptions } from '../blast-radius-service.ts';

export type Sampling = Parameters<BlastRadiusService['sample']>[0];

export interface BlastFixture extends BulkFixture {
  blast: BlastRadiusService;
  /** The last snapshot; `during` runs once, when the window is open. */
  measure(input: Sampling, during?: () => Promise<unknown>): Promise<BlastSnapshot>;
}

export interface BlastFixtureOptions extends BulkFixtureOptions {
  postgres?: PostgresQueries;
  limits?: BlastRadiusOptions['limits'];
}

/** The service over a real session, and the bulk service beside it. */
export async function openBlast(profile: TestProfile, options: BlastFixtureOptions = {}): Promise<BlastFixture> {
  const fixture = await openBulk(profile, options);
  const blast = createBlastRadiusService({
    connections: {
      redis: () => fixture.session,
      postgres: () => {
        if (options.postgres === undefined) throw new LookasideError('NOT_CONNECTED', 'Postgres is not connected');
        return options.postgres;
      },
    },
    workspaces: { get: async () => fixture.workspace },
    bulk: fixture.bulk,
    invalidate: fixture.invalidate,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  return {
    ...fixture,
    blast,
    measure: async (input, during) => {
      let latest: BlastSnapshot | null = null;
      let running: Promise<unknown> | null = null;
      for await (const snapshot of blast.sample(input, new AbortController().signal)) {
        latest = snapshot;
        if (snapshot.state === 'measuring') running ??= during?.() ?? null;
      }
      await running;
      if (latest === null) throw new Error('The stream gave nothing');
      return latest;
    },
  };
}

/** Connections of a server that are in MONITOR now, by their ids. */
export async function monitorsOf(admin: Redis): Promise<string[]> {
  const list = String(await admin.call('CLIENT', 'LIST'));
  return list.split('\n').flatMap((line) => (/ flags=\S*O/.test(line) ? [/^id=(\d+)/.exec(line)?.[1] ?? ''] : []));
}
