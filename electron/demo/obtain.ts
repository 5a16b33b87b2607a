import { pathToFileURL } from 'node:url';
import { LookasideError } from '../../shared/contract/errors.ts';
import { postgresBinaries } from './servers/postgres-binaries.ts';
import { redisBinary, redisBuilds } from './servers/redis-binaries.ts';
import { obtainSshd } from './servers/ssh-server.ts';

/** Finds or fetches a Redis server. Rejects with DEMO_UNAVAILABLE and what to do. */
export async function obtainRedis(): Promise<{ path: string; version: string; source: string }> {
  const { path, version, source } = await redisBinary();
  return { path, version, source };
}

/** `tsx electron/demo/obtain.ts [--all]`: Redis for the demo, or every server that the tests need. */
async function main(): Promise<void> {
  const all = process.argv.includes('--all');
  const wanted: [string, () => Promise<string>][] = (all ? redisBuilds : (['any'] as const)).map((build) => [
    build === 'any' ? 'redis' : build,
    async () => {
      const { flavour, version, path, source } = await redisBinary(build);
      return `${flavour} ${version} (${source}) ${path}`;
    },
  ]);
  if (all) {
    wanted.push(['sshd', obtainSshd]);
    wanted.push([
      'postgres',
      async () => {
        const { version, postgres, source } = postgresBinaries();
        return `${version} (${source}) ${postgres}`;
      },
    ]);
  }
  for (const [name, obtain] of wanted) {
    const begun = Date.now();
    try {
      console.log(`${name}: ${await obtain()} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      const output = error.details['output'];
      console.error(`${name}: ${error.message}. ${error.hint}${typeof output === 'string' ? `\n${output}` : ''}`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
