import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchDesktop, type RunningDesktop } from '../electron-stand-in/launch.ts';

/**
 * The real main and preload code of the desktop app on the stand-in for Electron, with a page small enough to read:
 * it asks for ports as the app's page does and speaks the contract's frames by hand.
 */
const script = `
const nonce = crypto.randomUUID();
globalThis.commands = [];
globalThis.replies = [];
addEventListener('message', (event) => {
  if (event.source !== window || event.data?.lookaside !== 'ports' || event.data.nonce !== nonce) return;
  const [host, menu] = event.ports;
  globalThis.hostPort = host;
  host.onmessage = ({ data }) => replies.push(JSON.parse(data));
  host.addEventListener('close', () => { globalThis.hostClosed = true; });
  menu.onmessage = ({ data }) => commands.push(data.command);
  host.postMessage(JSON.stringify({ i: '1', p: { u: '/app/info' } }));
});
postMessage({ lookaside: 'hand-off', nonce }, location.origin);
document.title = 'cache (local) – Keys – Lookaside';
`;

let folder: string;
let desktop: RunningDesktop | null;

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookaside-desktop-'));
  const page = join(folder, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(
    join(page, 'index.html'),
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta property="csp-nonce" nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__">body{color:rgb(1,2,3)}</style><script src="/assets/page-abcdef12.js"></script><script>globalThis.inline = true</script></head><body>tiny page</body></html>',
  );
  await writeFile(join(page, 'assets', 'page-abcdef12.js'), script);
  await writeFile(join(folder, 'secret.txt'), 'outside');
});

test.afterEach(async () => {
  await desktop?.stop('SIGKILL');
  desktop = null;
  await rm(folder, { recursive: true, force: true });
});

async function open(args: string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<RunningDesktop> {
  const started = launchDesktop(['--data-folder', join(folder, 'data'), ...args], { LOOKASIDE_PAGE: join(folder, 'page'), ...environment });
  desktop = started;
  await connected(started);
  return started;
}

/** The first reply has come over the port. */
async function connected(app: RunningDesktop): Promise<void> {
  await expect.poll(async () => ask(app, 'globalThis.replies?.length ?? 0'), { timeout: 20_000 }).toBeGreaterThan(0);
}

/** An expression's value; `null` while the window or its page is not there yet. */
async function ask(app: RunningDesktop, expression: string): Promise<unknown> {
  try {
    return (await app.evaluate(expression)) ?? null;
  } catch (error) {
    if (String(error).includes('desktop app ended')) throw error;
    return null;
  }
}

const infoOf = async (app: RunningDesktop): Promise<unknown> => ask(app, 'replies[0].p.b.json');

test('opens a locked-down window whose page talks to the host over the port', async () => {
  const app = await open();
  const state = await app.windowState();
  expect(state.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, webviewTag: false, allowRunningInsecureContent: false });
  expect(Object.keys(state.webPreferences)).not.toContain('enableBlinkFeatures');
  expect(state.sandboxEnabledBeforeReady).toBe(true);
  expect(state.url).toBe('app://lookaside/');
  expect(state.title).toBe('cache (local) – Keys – Lookaside');
  expect((await app.recorded()).schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  expect(await infoOf(app)).toMatchObject({ face: 'electron', dataFolder: join(folder, 'data') });
});

test('serves the page under a strict policy and nothing outside its bundle', async () => {
  const app = await open();
  const policy = await ask(app, "fetch('/').then((reply) => reply.headers.get('content-security-policy'))");
  expect(String(policy).replace(/'nonce-[\w+/=]+'/u, 'NONCE')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self' NONCE; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(await ask(app, 'globalThis.inline === undefined && standInViolations')).toEqual(['script-src-elem']);
  expect(await ask(app, 'getComputedStyle(document.body).color')).toBe('rgb(1, 2, 3)');
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/assets/..%2f..%2f..%2fsecret.txt', '/..%5csecret.txt', '/index.html', '/nothing']) {
    expect(await ask(app, `fetch(${JSON.stringify(path)}).then((reply) => reply.status)`)).toBe(404);
  }
  expect(await ask(app, "fetch('/', { method: 'POST' }).then((reply) => reply.status)")).toBe(405);
});

test('hands ports to its own page only', async () => {
  const app = await open();
  const own = { url: 'app://lookaside/', child: false, sender: 'window' } as const;
  const strangers = [
    { ...own, url: 'app://lookaside.evil/' },
    { ...own, url: 'app://user@lookaside/' },
    { ...own, url: 'https://lookaside/' },
    { ...own, url: 'app://lookaside:8080/' },
    { ...own, url: '' },
    { ...own, child: true },
    { ...own, sender: 'stranger' as const },
  ];
  for (const stranger of strangers) expect([stranger, await app.askForPortsAs(stranger)]).toEqual([stranger, 0]);
  expect(await app.askForPortsAs(own)).toBe(2);
  // A page that gets new ports loses its old ones.
  await expect.poll(() => ask(app, 'globalThis.hostClosed')).toBe(true);
});

test('gives a reloaded page new ports', async () => {
  const app = await open();
  await ask(app, 'globalThis.before = true; location.reload()');
  await expect.poll(() => ask(app, 'globalThis.before === undefined')).toBe(true);
  await connected(app);
});

test('stays on its page: no navigation, no windows, no frames, no links but to the documentation', async () => {
  const app = await open();
  await ask(app, "location.href = 'https://evil.example/'");
  await ask(app, "location.href = 'app://lookaside.evil/'");
  await ask(app, "window.open('https://evil.example/') && 1");
  await ask(app, "window.open('https://redis.io/docs/') && 1");
  await ask(app, "window.open('http://redis.io/') && 1");
  await ask(app, "window.open('file:///etc/passwd') && 1");
  await ask(app, "document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://evil.example/' }))");
  await expect.poll(async () => (await app.recorded()).opened).toEqual(['https://redis.io/docs/']);
  expect((await app.windowState()).url).toBe('app://lookaside/');
  expect(await ask(app, 'document.body.innerText')).toContain('tiny page');
});

test('denies every permission but copying', async () => {
  const app = await open();
  for (const permission of ['notifications', 'geolocation', 'media', 'clipboard-read', 'openExternal', 'fullscreen', 'hid', 'usb']) {
    expect([permission, await app.requestPermission(permission), await app.checkPermission(permission, 'app://lookaside/')]).toEqual([permission, false, false]);
  }
  expect(await app.requestPermission('clipboard-sanitized-write')).toBe(true);
  expect(await app.checkPermission('clipboard-sanitized-write', 'https://evil.example')).toBe(false);
});

test('sends menu commands to the page', async () => {
  const app = await open();
  await app.menu('open-palette');
  await app.menu('go-keys');
  await expect.poll(() => ask(app, 'commands.join()')).toBe('open-palette,go-keys');
});

test('remembers where the window was, unless that display is gone', async () => {
  const bounds = { x: 300, y: 200, width: 1000, height: 700 };
  const first = await open();
  await first.setBounds(bounds);
  expect(await first.stop()).toBe(0);
  expect(JSON.parse(await readFile(join(folder, 'data', 'window.json'), 'utf8'))).toEqual({ ...bounds, maximized: false });
  const second = await open();
  expect((await second.windowState()).bounds).toEqual(bounds);
  expect(await second.stop()).toBe(0);
  const third = await open([], { STAND_IN_DISPLAY: '{"x":5000,"y":0,"width":1280,"height":800}' });
  expect((await third.windowState()).bounds).toMatchObject({ x: 100, y: 100, width: 1000, height: 700 });
});

test('runs once per data folder: the second start brings the first window to the front', async () => {
  const app = await open();
  const second = launchDesktop(['--data-folder', join(folder, 'data')], { LOOKASIDE_PAGE: join(folder, 'page') });
  expect(await second.ended).toBe(0);
  await expect.poll(async () => (await app.windowState()).seen.focused).toBe(1);
  expect((await app.windowState()).windows).toBe(1);
});

test('keeps secrets only where the system protects them', async () => {
  const guarded = await open([], { STAND_IN_KEYRING: 'gnome_libsecret' });
  expect(await infoOf(guarded)).toMatchObject({ secrets: { persistent: true } });
  await guarded.stop();
  const bare = await open([], { STAND_IN_KEYRING: 'basic_text' });
  expect(await infoOf(bare)).toMatchObject({ secrets: { persistent: false, reason: expect.stringContaining('memory') } });
});

test('offers to reload a page that crashed', async () => {
  const app = await open();
  await app.crash();
  await connected(app);
  await expect.poll(async () => (await app.recorded()).dialogs).toEqual([{ message: 'The page ended unexpectedly', buttons: ['Reload the page', 'Quit'] }]);
});

test('ends cleanly when its window closes, and on SIGINT', async () => {
  const app = await open();
  await app.closeWindow().catch(() => undefined);
  expect(await app.ended).toBe(0);
  const other = await open();
  expect(await other.stop('SIGINT')).toBe(0);
});

test('shows the built page, connected, without a violation of its policy', async () => {
  const app = launchDesktop(['--data-folder', join(folder, 'data')]);
  desktop = app;
  await expect.poll(async () => ask(app, 'document.title'), { timeout: 20_000 }).toBe('Connections – Lookaside');
  await expect.poll(async () => ask(app, 'document.body.innerText')).toContain('New connection');
  await app.menu('open-palette');
  await expect.poll(async () => ask(app, "document.querySelectorAll('[role=dialog]').length")).toBe(1);
  expect(await ask(app, 'standInViolations')).toEqual([]);
});

test('refuses arguments that it cannot read, without quoting a password', async () => {
  const app = launchDesktop(['--data-folder', join(folder, 'data'), '--keys', 'hunter2'], { LOOKASIDE_PAGE: join(folder, 'page') });
  expect(await app.ended).toBe(2);
  expect(app.log()).toContain('--keys takes a whole number');
  expect(app.log()).not.toContain('hunter2');
});
