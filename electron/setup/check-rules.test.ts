import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
let planted = '';
let clean = '';

/** One violation per rule, each in a file of its own: [path, source, rule that must name it]. */
const violations: [string, string, string][] = [
  ['electron/host/imports-electron.ts', "import { app } from 'electron';\nexport const name = app.name;\n", 'no-restricted-imports'],
  ['electron/web/imports-driver.ts', "import { Redis } from 'ioredis';\nexport const type = typeof Redis;\n", 'no-restricted-imports'],
  ['electron/main/imports-driver.ts', "import { Client } from 'pg';\nexport const type = typeof Client;\n", 'no-restricted-imports'],
  ['electron/host/imports-demo.ts', "import { demo } from '../demo/demo-part.ts';\nexport const copy = demo;\n", 'no-restricted-imports'],
  ['electron/host/imports-face.ts', "import { face } from '../web/face-part.ts';\nexport const copy = face;\n", 'no-restricted-imports'],
  ['shared/imports-node.ts', "import { join } from 'node:path';\nexport const path = join('a', 'b');\n", 'no-restricted-imports'],
  ['shared/imports-host.ts', "import { demo } from '../electron/demo/demo-part.ts';\nexport const copy = demo;\n", 'no-restricted-imports'],
  ['renderer/lib/imports-node.ts', "import { join } from 'node:path';\nexport const path = join('a', 'b');\n", 'no-restricted-imports'],
  ['renderer/lib/imports-host.ts', "import { demo } from '../../electron/demo/demo-part.ts';\nexport const copy = demo;\n", 'no-restricted-imports'],
  ['renderer/lib/imports-feature.ts', "import { island } from '../features/connections/island.ts';\nexport const copy = island;\n", 'no-restricted-imports'],
  ['renderer/features/keys/imports-feature.ts', "import { island } from '../connections/island.ts';\nexport const copy = island;\n", 'no-restricted-imports'],
  ['shared/cycle-a.ts', "import { b } from './cycle-b.ts';\nexport const a = (): number => b();\n", 'no-cycle'],
  ['shared/cycle-b.ts', "import { a } from './cycle-a.ts';\nexport const b = (): number => a();\n", 'no-cycle'],
  ['shared/default-export.ts', 'export default 1;\n', 'no-default-export'],
  ['shared/explicit-any.ts', 'export const loose: any = 1;\n', 'no-explicit-any'],
  ['shared/floating.ts', 'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n', 'no-floating-promises'],
  ['shared/empty-catch.ts', 'export function f(): void {\n  try {\n    JSON.parse("");\n  } catch {}\n}\n', 'no-empty'],
  ['shared/skipped.test.ts', "import { expect, test } from 'vitest';\ntest.skip('later', () => {\n  expect(1).toBe(1);\n});\n", 'no-disabled-tests'],
  ['shared/long.ts', Array.from({ length: 402 }, (_, line) => `export const line${line} = ${line};`).join('\n'), 'max-lines'],
];

const innocent: [string, string][] = [
  ['electron/demo/demo-part.ts', "import { Redis } from 'ioredis';\nexport const demo = typeof Redis;\n"],
  ['electron/web/face-part.ts', 'export const face = 1;\n'],
  ['electron/main/may-import-electron.ts', "import { app } from 'electron';\nexport const name = app.name;\n"],
  ['renderer/features/connections/island.ts', 'export const island = 1;\n'],
  ['renderer/features/keys/may-import-lib.ts', "import { part } from '../../lib/part.ts';\nexport const copy = part;\n"],
  ['renderer/lib/part.ts', 'export const part = 1;\n'],
];

interface Report {
  diagnostics: { code: string; filename: string }[];
}

/** A folder with this project's own configuration and nothing else. */
function bareTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookaside-rules-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'knip.json']) cpSync(join(root, name), join(folder, name));
  for (const name of ['electron', 'renderer', 'e2e', 'shared']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['electron', 'renderer', 'e2e']) cpSync(join(root, name, 'tsconfig.json'), join(folder, name, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return folder;
}

beforeAll(() => {
  planted = bareTree();
  clean = bareTree();
  for (const [path, source] of [...violations, ...innocent]) {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), source);
  }
});

afterAll(() => {
  for (const folder of [planted, clean]) rmSync(folder, { recursive: true, force: true });
});

function lint(): Set<string> {
  const result = spawnSync(bin('oxlint'), ['--format', 'json', '--deny-warnings'], { cwd: planted, encoding: 'utf8' });
  expect(result.status).toBe(1);
  const report = JSON.parse(result.stdout) as Report;
  return new Set(report.diagnostics.map((found) => `${found.filename.replaceAll('\\', '/')} ${/\(([^)]+)\)/.exec(found.code)?.[1] ?? found.code}`));
}

test('each planted violation of a lint or layer rule is named, and the allowed neighbours are not', () => {
  const found = lint();
  const missing = violations.filter(([path, , rule]) => !found.has(`${path} ${rule}`)).map(([path, , rule]) => `${path} ${rule}`);
  expect(missing).toEqual([]);
  const accused = innocent.map(([path]) => path).filter((path) => [...found].some((line) => line.startsWith(`${path} `)));
  expect(accused).toEqual([]);
});

test('a type of the page used in shared code fails the type check', () => {
  writeFileSync(join(clean, 'shared', 'uses-dom.ts'), 'export const title = document.title;\n');
  const result = spawnSync(bin('tsc'), ['-p', 'electron'], { cwd: clean, encoding: 'utf8' });
  expect(result.status).not.toBe(0);
  expect(result.stdout).toMatch(/shared\/uses-dom\.ts.*document/u);
});

test('a type of Node used in shared code fails the type check of the page', () => {
  writeFileSync(join(clean, 'shared', 'uses-node.ts'), "export const platform = process.platform;\n");
  const result = spawnSync(bin('tsc'), ['-p', 'renderer'], { cwd: clean, encoding: 'utf8' });
  expect(result.status).not.toBe(0);
  expect(result.stdout).toMatch(/shared\/uses-node\.ts.*process/u);
});

test('an export that nothing uses fails the check for unused code', () => {
  mkdirSync(join(clean, 'electron', 'cli'), { recursive: true });
  writeFileSync(join(clean, 'electron', 'cli', 'cli.ts'), "import { used } from './part.ts';\nused();\n");
  writeFileSync(join(clean, 'electron', 'cli', 'part.ts'), 'export function used(): void {}\nexport function neverUsed(): void {}\n');
  const result = spawnSync(bin('knip'), ['--include', 'exports', '--reporter', 'json'], { cwd: clean, encoding: 'utf8' });
  expect(result.status).not.toBe(0);
  expect(result.stdout).toContain('neverUsed');
});
