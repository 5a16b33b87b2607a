import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host } from '../../host.ts';
import type { DemoService } from '../../services.ts';

export interface SuiteHost extends Host {
  folder: string;
  reports: unknown[];
  report: (error: unknown) => void;
  stop(): Promise<void>;
}

/** The host as the faces make it, in a temporary folder, without a demo. */
export async function startSuiteHost(demo?: DemoService): Promise<SuiteHost> {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-suite-'));
  const reports: unknown[] = [];
  const report = (error: unknown) => void reports.push(error);
  const host = createHost({
    version: '0.0.0-test',
    face: 'browser',
    dataFolder: folder,
    vault: {
      persistent: false,
      reason: 'a test',
      protect: () => Promise.reject(new Error('not persistent')),
      reveal: () => Promise.reject(new Error('not persistent')),
    },
    environment: {},
    report,
    demo: () => demo ?? { watch: async function* () {}, start: async () => undefined, stop: async () => undefined },
  });
  return {
    ...host,
    folder,
    reports,
    report,
    stop: async () => {
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
