import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DemoSnapshot } from '../../shared/contract/app.ts';
import type { SecretChanges, Workspace, WorkspaceDraft } from '../../shared/contract/workspaces.ts';
import type { DemoService } from '../host/services.ts';
import { createDemoService } from './demo-service.ts';
import { until } from './servers/redis-admin.ts';
import { smallScale } from './shop/catalogue.ts';

/** Keeps transient workspaces as the host does, in memory. */
function workspaceList() {
  const list = new Map<string, { draft: WorkspaceDraft; secrets: SecretChanges }>();
  return {
    list,
    addTransient(draft: WorkspaceDraft, secrets: SecretChanges, demo: boolean): Workspace {
      const id = `w${list.size + 1}`;
      list.set(id, { draft, secrets });
      return { id, ...draft, demo, secrets: {}, lastOpenedAt: null };
    },
    removeTransient: (id: string) => void list.delete(id),
  };
}

function watch(service: DemoService): { seen: { at: number; snapshot: DemoSnapshot }[]; last: () => DemoSnapshot } {
  const ending = new AbortController();
  const seen: { at: number; snapshot: DemoSnapshot }[] = [];
  const following = (async () => {
    for await (const snapshot of service.watch(ending.signal)) seen.push({ at: performance.now(), snapshot });
  })();
  onTestFinished(async () => {
    await service.stop();
    ending.abort();
    await following;
  });
  const last = () => {
    const newest = seen.at(-1);
    if (!newest) throw new Error('No snapshot has come');
    return newest.snapshot;
  };
  return { seen, last };
}

describe('demo service', () => {
  it('adds its workspace, reports progress, and removes everything on stop', async () => {
    const workspaces = workspaceList();
    const service = createDemoService({ workspaces, keys: 2_000, rate: 50, scale: smallScale });
    const { seen, last } = watch(service);
    await Promise.all([service.start(), service.start()]);
    expect(workspaces.list.size).toBe(1);
    const [added] = workspaces.list.values();
    if (!added) throw new Error('No workspace has come');
    const { draft, secrets } = added;
    expect(draft).toMatchObject({ name: 'Demo shop', environment: 'local', delimiters: [':'] });
    const node = draft.redis?.nodes[0];
    const redis = new Redis({ host: node?.host ?? '', port: node?.port ?? 0, password: secrets['redis.password'] ?? '' });
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    await until(async () => last().state === 'running' && last().keys >= 2_000 && last().requestsPerSecond > 0, 'Running', 20_000);
    const gaps = seen.slice(1).map(({ at }, index) => at - (seen[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(150);
    await service.stop();
    await until(async () => last().state === 'off', 'Off');
    expect(workspaces.list.size).toBe(0);
    await service.start();
    expect(workspaces.list.size).toBe(1);
  });

  it('turns what cannot start into a problem, and can be started again', async () => {
    const missing = mkdtempSync(join(tmpdir(), 'lookaside-demo-test-'));
    onTestFinished(() => {
      delete process.env['LOOKASIDE_PG_BIN'];
      rmSync(missing, { recursive: true, force: true });
    });
    process.env['LOOKASIDE_PG_BIN'] = missing;
    const workspaces = workspaceList();
    const service = createDemoService({ workspaces, keys: 500, rate: 0, scale: smallScale });
    const { last } = watch(service);
    await service.start();
    await until(async () => last().state === 'failed', 'Failure');
    expect(last().problem).toMatchObject({ code: 'DEMO_UNAVAILABLE', message: expect.stringContaining('LOOKASIDE_PG_BIN') as string });
    expect(workspaces.list.size).toBe(0);
    delete process.env['LOOKASIDE_PG_BIN'];
    await service.start();
    await until(async () => last().state === 'running', 'Running');
    expect(last().problem).toBeNull();
  });

  it('is cut short by a stop during the start', async () => {
    const workspaces = workspaceList();
    const service = createDemoService({ workspaces, keys: 500, rate: 0, scale: smallScale });
    const { last } = watch(service);
    const starting = service.start();
    await service.stop();
    await starting;
    await until(async () => last().state === 'off', 'Off');
    expect(workspaces.list.size).toBe(0);
  });
});
