import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog } from './log.ts';

let folder: string;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-log-'));
  said = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (file: string) => createLog({ file, say: (line) => said.push(line) });

it('writes redacted lines for its owner only, and says errors aloud', async () => {
  const file = join(folder, 'deep', 'lookaside.log');
  const log = open(file);
  log.info('opened redis://u:hunter2@cache');
  log.info("select * from users where mail = 'a@example.org'");
  log.error(new Error('AUTH hunter2 was refused'));
  const text = await readFile(file, 'utf8');
  expect(text.split('\n')[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info opened redis:\/\/u:\*\*\*@cache$/u);
  expect(text + said.join()).not.toMatch(/hunter2|a@example/u);
  expect(said).toHaveLength(1);
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('starts a new file when one is full', async () => {
  const file = join(folder, 'lookaside.log');
  await writeFile(file, 'x'.repeat(1024 * 1024 + 1));
  open(file).info('next');
  expect((await readFile(file, 'utf8')).trim()).toMatch(/ info next$/u);
  expect((await stat(`${file}.1`)).size).toBe(1024 * 1024 + 1);
});

it('says once that it cannot be written, and goes on', async () => {
  await writeFile(join(folder, 'file'), '');
  const log = open(join(folder, 'file', 'lookaside.log'));
  log.info('one');
  log.info('two');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('The log cannot be written');
});
