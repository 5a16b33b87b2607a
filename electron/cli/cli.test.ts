import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, makePage } from '../web/testing/test-face.ts';
import { startCli, type StartedCli } from './testing/run-cli.ts';

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-cli-'));
  await makePage(folder);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(args: string[], environment: NodeJS.ProcessEnv = {}): StartedCli {
  const started = startCli(args, { LOOKASIDE_DATA: join(folder, 'data'), LOOKASIDE_PAGE: join(folder, 'page'), ...environment });
  children.push(started.child);
  return started;
}

/** Waits for the first complete line on standard output. */
async function firstLine(started: StartedCli): Promise<string> {
  await vi.waitUntil(() => started.out().includes('\n') || started.child.exitCode !== null, { timeout: 15_000, interval: 20 });
  return started.out().split('\n')[0] ?? '';
}

const urlIn = (line: string): URL => new URL((JSON.parse(line) as { url: string }).url);

describe('lookaside serve', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('prints one line of JSON, serves, and ends cleanly on %s', async (signal) => {
    const mine = join(folder, 'mine');
    const started = start(['serve', '--json', '--no-open', '--data-folder', mine]);
    const url = urlIn(await firstLine(started));
    if (process.platform !== 'win32') expect((await stat(mine)).mode & 0o777).toBe(0o700);
    expect(url.hostname).toBe('127.0.0.1');
    const port = Number(url.port);
    const opened = await ask(port, `/${url.search}`, {});
    expect(opened.status).toBe(302);
    const page = await ask(port, '/', { Cookie: opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
    expect(page.body).toContain('tiny page');
    started.child.kill(signal);
    expect(await started.ended).toBe(0);
    expect(started.out().trimEnd().split('\n')).toHaveLength(1);
    await expect(ask(port, '/', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says that there is no display, and prints the address', async () => {
    const started = start(['serve']);
    expect(await firstLine(started)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/u);
    await vi.waitUntil(() => started.err().includes('no display'), { timeout: 5000 });
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });

  it('opens an app window where there is a display and a Chromium', async () => {
    const seen = join(folder, 'seen.txt');
    const browser = join(folder, 'chromium');
    await writeFile(browser, `#!/bin/sh\nprintf '%s\\n' "$@" > ${seen}\nexec sleep 30\n`, { mode: 0o755 });
    const started = start(['serve'], { DISPLAY: ':99', LOOKASIDE_CHROMIUM: browser });
    const line = await firstLine(started);
    await vi.waitUntil(() => started.err().includes('app window'), { timeout: 8000 });
    const given = (await readFile(seen, 'utf8')).split('\n');
    expect(given[0]).toBe(`--app=${line}`);
    expect(given[1]).toBe(`--user-data-dir=${join(folder, 'data', 'app-window')}`);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });

  it('keeps the password of --url out of everything it says and writes, and mints new addresses', async () => {
    const started = start(['serve', '--json', '--no-open', '--url', 'redis://:hunter2@127.0.0.1:1/0']);
    const url = urlIn(await firstLine(started));
    // Asked by a signal, it prints another address.
    started.child.kill('SIGUSR2');
    await vi.waitUntil(() => started.err().includes('?token='), { timeout: 10_000 });
    const second = new URL(/http:\S+/u.exec(started.err())?.[0] ?? '');
    expect(second.search).not.toBe(url.search);
    expect((await ask(Number(url.port), `/${second.search}`, {})).status).toBe(302);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    const log = await readFile(join(folder, 'data', 'lookaside.log'), 'utf8');
    expect(log).toContain('Lookaside');
    expect(started.out() + started.err() + log).not.toContain('hunter2');
  });

  it('writes the token to a file of its owner, and prints an address without it', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'old', { mode: 0o644 });
    const started = start(['serve', '--json', '--no-open', '--token-file', file]);
    const url = urlIn(await firstLine(started));
    expect(url.search).toBe('');
    const token = (await readFile(file, 'utf8')).trim();
    expect(token).toMatch(/^[\w-]{43}$/u);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await ask(Number(url.port), `/?token=${token}`, {})).status).toBe(302);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    expect(started.out() + started.err()).not.toContain(token);
  });
});
