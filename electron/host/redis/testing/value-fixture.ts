import { startRedis, type RedisOptions, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { WireBytes } from '../../../../shared/bytes.ts';
import type { ValuePage } from '../../../../shared/contract/values.ts';
import type { ValueService } from '../../services.ts';
import type { Command, RedisReply } from '../session.ts';
import { createValueService } from '../value-service.ts';
import { TestSession } from './test-session.ts';

export type PageOf<T extends ValuePage['type']> = Extract<ValuePage, { type: T }>;

/** A real server, the service over it, and short ways to fill and read it. */
export interface ValueFixture {
  server: RunningRedis;
  session: TestSession;
  values: ValueService;
  run(...command: Command): Promise<RedisReply>;
  page<T extends ValuePage['type']>(name: WireBytes, type: T, more?: Partial<Parameters<ValueService['page']>[0]>): Promise<PageOf<T>>;
  /** All pages until the cursor ends. */
  pages<T extends 'hash' | 'list' | 'set' | 'zset' | 'stream'>(
    name: WireBytes,
    type: T,
    more?: Partial<Parameters<ValueService['page']>[0]>,
  ): Promise<PageOf<T>['items'][number][]>;
  stop(): Promise<void>;
}

export const at = (name: WireBytes) => ({ workspaceId: 'test', db: 0, name });

export async function startValueFixture(options: RedisOptions): Promise<ValueFixture> {
  const server = await startRedis(options);
  const session = await TestSession.open(server);
  const values = createValueService({ connections: { redis: () => session } });
  const page: ValueFixture['page'] = async (name, type, more = {}) => {
    const read = await values.page({ ...at(name), type, count: 100, ...more });
    if (read.type !== type) throw new TypeError(`${read.type} is not ${type}`);
    return read as never;
  };
  return {
    server,
    session,
    values,
    page,
    run: (...command) => session.call(0, command),
    async pages(name, type, more = {}) {
      const items: unknown[] = [];
      let cursor: string | null = null;
      do {
        const read: { items: unknown[]; next: string | null } = await page(name, type, { ...more, cursor });
        items.push(...read.items);
        cursor = read.next;
      } while (cursor !== null);
      return items as never;
    },
    async stop() {
      session.close();
      await server.stop();
    },
  };
}
