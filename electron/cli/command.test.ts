import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageVersion } from '../page/package-root.ts';
import { makePage } from '../web/testing/test-face.ts';
import { runCommand } from './command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-command-'));
  vi.stubEnv('LOOKASIDE_DATA', join(folder, 'data'));
  vi.stubEnv('LOOKASIDE_PAGE', await makePage(folder));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function run(args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCommand(args, {
    print: (line) => {
      out += `${line}\n`;
    },
    say: (line) => {
      err += `${line}\n`;
    },
  });
  return { code, out, err };
}

describe('lookaside', () => {
  it('says its version and how to use it', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: `${packageVersion}\n`, err: '' });
    const help = await run(['serve', '--help']);
    expect([help.code, help.err, help.out.startsWith('Lookaside')]).toEqual([0, '', true]);
    for (const option of ['--demo', '--url', '--pg', '--port', '--public-port', '--no-open', '--json', '--token-file', '--idle-exit', '--data-folder']) {
      expect(help.out).toContain(option);
    }
  });

  it.each([
    [['browse'], 'Unknown command "browse"'],
    [['redis://u:hunter2@cache'], 'Unknown command.'],
    [['serve', '--colour'], 'Unknown option --colour'],
    [['serve', 'hunter2'], 'An argument belongs to no option'],
    [['serve', '--url'], '--url is used wrongly'],
    [['serve', '--demo=hunter2'], '--demo is used wrongly'],
    [['serve', '--port', 'hunter2'], '--port takes a whole number from 0 to 65,535'],
    [['serve', '--port', '70000'], '--port takes a whole number'],
    [['serve', '--keys', '0'], '--keys takes a whole number'],
    [['serve', '--listen', '0.0.0.0'], 'only 127.0.0.1 and ::1'],
    [['serve', '--listen', '::'], 'only 127.0.0.1 and ::1'],
    [['serve', '--url', 'redis://u:hunter2@cache:port'], '--url: '],
    [['serve', '--url', 'ftp://u:hunter2@cache'], '--url: '],
    [['serve', '--pg', 'redis://u:hunter2@cache'], '--pg names a Redis'],
  ])('refuses %j with code 2 and words, and without a stack or a secret', async (args, words) => {
    const { code, out, err } = await run(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(out + err).not.toContain('hunter2');
    expect(err).not.toMatch(/\n\s+at /u);
  });
});


describe('lookaside serve', () => {
  it('says what to do when the page is not built', async () => {
    await mkdir(join(folder, 'empty'));
    vi.stubEnv('LOOKASIDE_PAGE', join(folder, 'empty'));
    const { code, err } = await run(['serve', '--no-open']);
    expect([code, err.split('\n')]).toEqual([1, [expect.stringContaining('npm run build'), '']]);
  });

  it('says what to do when the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { code, err } = await run(['serve', '--no-open', '--port', port]);
    taken.close();
    expect([code, err.split('\n')]).toEqual([1, [expect.stringContaining(`Port ${port} is in use`), '']]);
  });

  it('says what to do when its data folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    const { code, err } = await run(['serve', '--no-open', '--data-folder', join(folder, 'file', 'data')]);
    expect([code, err.split('\n')]).toEqual([1, [expect.stringContaining('cannot be created'), '']]);
  });
});
