import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { HostClient } from '../../shared/contract/contract.ts';
import { ask, askRaw, startTestFace, type TestFace } from './testing/test-face.ts';

let test: TestFace;
let own: string;
let origin: string;
beforeAll(async () => {
  test = await startTestFace({ publicPorts: [45999] });
  own = `127.0.0.1:${test.face.port}`;
  origin = `http://${own}`;
});
afterAll(() => test.stop());

/** An opened socket; fails the test when it was refused. */
async function opened(options: Parameters<TestFace['dial']>[0] = {}): Promise<WebSocket> {
  const socket = await test.dial({ headers: { Cookie: await session() }, origin, ...options });
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

/** A cookie for the port by which the test reaches the server, whatever port the printed address names. */
async function session(port = test.face.port): Promise<string> {
  const token = new URL(test.face.mintUrl()).search;
  const answer = await ask(test.face.port, `/${token}`, { Host: `127.0.0.1:${port}` });
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('address', () => {
  it.each(['0.0.0.0', '::', '', '*', '192.168.1.5', '127.0.0.2', '127.1', 'example.org', '127.0.0.1.example.org'])('refuses to listen on %j', async (listen) => {
    await expect(startTestFace({ listen })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('Refused to listen') });
  });

  it('cannot be reached over another interface of this machine', async () => {
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter((entry) => !entry.internal && entry.family === 'IPv4');
    const outcomes = await Promise.allSettled(others.map(({ address }) => fetch(`http://${address}:${test.face.port}/`, { signal: AbortSignal.timeout(2000) })));
    expect(outcomes.map(({ status }) => status)).toEqual(others.map(() => 'rejected'));
  });

  it('names a port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(startTestFace({ port })).rejects.toMatchObject({ code: 'CONFLICT', message: `Port ${port} is in use` });
    taken.close();
  });
});

describe('Host', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('answers as %s with its own port', async (name) => {
    expect((await test.get('/', { Host: `${name}:${test.face.port}` })).status).toBe(401);
  });

  it('answers under the public port of a tunnel, with a cookie of that port', async () => {
    expect((await test.get('/', { Host: 'localhost:45999' })).status).toBe(401);
    const tunnelled = await session(45999);
    expect(tunnelled).toMatch(/^lookaside_45999=/u);
    expect((await test.get('/', { Host: '127.0.0.1:45999', Cookie: tunnelled })).status).toBe(200);
    expect(test.face.mintUrl()).toContain('http://127.0.0.1:45999/?token=');
  });

  it.each([
    'example.org',
    'example.org:PORT',
    '127.0.0.1.example.org:PORT',
    '127.0.0.1:1',
    '127.0.0.1',
    'localhost.example.org:PORT',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT@example.org',
    '127.1:PORT',
    '2130706433:PORT',
    '127.0.0.1:0PORT',
    '127.0.0.1.:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '',
  ])('refuses %j before it looks at anything else', async (host) => {
    const answer = await test.get('/', { Host: host.replace('PORT', String(test.face.port)), Cookie: await session() });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('does not use a token up for a foreign host', async () => {
    const { search } = new URL(test.face.mintUrl());
    expect((await test.get(`/${search}`, { Host: 'evil.example:80' })).status).toBe(403);
    expect((await test.get(`/${search}`)).status).toBe(302);
  });

  it('refuses two Host headers and none', async () => {
    const two = await askRaw(test.face.port, `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    expect(two).toMatch(/^HTTP\/1\.1 40[03] /u);
    const none = await askRaw(test.face.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(none).toMatch(/^HTTP\/1\.1 403 /u);
  });
});

describe('token and cookie', () => {
  it('exchanges a token once: cookie, clean address; then a page says what to do', async () => {
    const { search, searchParams } = new URL(test.face.mintUrl());
    expect(Buffer.from(searchParams.get('token') ?? '', 'base64url')).toHaveLength(32);
    const first = await test.get(`/${search}`);
    expect([first.status, first.headers.location, first.headers['cache-control']]).toEqual([302, '/', 'no-store']);
    const [pair, ...flags] = (first.headers['set-cookie']?.[0] ?? '').split('; ');
    expect(pair).toMatch(new RegExp(`^lookaside_${test.face.port}=[\\w-]{43}$`, 'u'));
    expect(flags).toEqual(['HttpOnly', 'SameSite=Strict', 'Path=/']);
    expect(first.headers['set-cookie']).toHaveLength(1);

    const second = await test.get(`/${search}`);
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined]);
    expect(second.body).toContain('used before');
    expect(second.body).toContain('lookaside serve');
  });

  it('sends the browser that used a token on, when it comes again', async () => {
    const { search } = new URL(test.face.mintUrl());
    const first = await test.get(`/${search}`);
    const again = await test.get(`/${search}`, { Cookie: first.headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
    expect([again.status, again.headers.location, again.headers['set-cookie']]).toEqual([302, '/', undefined]);
  });

  it('does not use a token up with HEAD', async () => {
    const { search } = new URL(test.face.mintUrl());
    expect((await test.get(`/${search}`, {}, 'HEAD')).status).toBe(401);
    expect((await test.get(`/${search}`)).status).toBe(302);
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(4000)])('refuses a wrong token %#', async (token) => {
    expect((await test.get(`/?token=${token}`)).status).toBe(403);
  });

  it('shows nothing without a session, and a page that says what to do', async () => {
    for (const path of ['/', '/assets/index-abcdef12.js', '/plain.svg', '/nothing']) {
      const answer = await test.get(path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.body).toContain('lookaside serve');
      expect(answer.body).not.toContain('tiny page');
    }
  });

  it('accepts no cookie but its own', async () => {
    const good = await session();
    const value = good.split('=')[1] ?? '';
    const bad = [`lookaside_1=${value}`, `lookaside_${test.face.port}=`, `lookaside_${test.face.port}=${value.slice(0, -1)}`, `lookaside_${test.face.port}=${value}x`, `xlookaside_${test.face.port}=${value}`];
    for (const header of bad) expect((await test.get('/', { Cookie: header })).status).toBe(401);
    expect((await test.get('/', { Cookie: `other=1; ${good}` })).status).toBe(200);
  });

  it('lets a visit that another site began ask once more by itself, and only such a visit', async () => {
    const visit = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
    expect((await test.get('/', visit)).body).toContain('http-equiv="refresh"');
    expect((await test.get('/', { ...visit, 'Sec-Fetch-Site': 'same-origin' })).body).not.toContain('http-equiv="refresh"');
    expect((await test.get('/')).body).not.toContain('http-equiv="refresh"');
  });
});

describe('methods and Origin', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers %s of its own page with 405, of others with 403', async (method) => {
    const Cookie = await session();
    const mine = await test.get('/', { Cookie, Origin: origin }, method);
    expect([mine.status, mine.headers.allow]).toEqual([405, 'GET, HEAD']);
    for (const foreign of ['http://evil.example', 'null', `https://${own}`, `http://localhost:${test.face.port}`, `${origin}.evil.example`]) {
      expect((await test.get('/', { Cookie, Origin: foreign }, method)).status).toBe(403);
    }
    expect((await test.get('/', { Cookie }, method)).status).toBe(403);
  });

  it('answers HEAD without a body', async () => {
    const answer = await test.get('/', { Cookie: await session() }, 'HEAD');
    expect([answer.status, answer.body, Number(answer.headers['content-length']) > 0]).toEqual([200, '', true]);
  });

  it('sends no CORS header, whatever asks', async () => {
    const answer = await test.get('/', { Cookie: await session(), Origin: 'http://evil.example' });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('headers', () => {
  const common = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };

  it.each(['/', '/assets/index-abcdef12.js', '/nothing'])('protects %s', async (path) => {
    expect((await test.get(path, { Cookie: await session() })).headers).toMatchObject(common);
    expect((await test.get(path)).headers).toMatchObject(common);
  });

  it('gives the page a strict policy with a nonce that is fresh each time and stands in the page', async () => {
    const Cookie = await session();
    const [one, two] = [await test.get('/', { Cookie }), await test.get('/', { Cookie })];
    expect(one.headers['cache-control']).toBe('no-store');
    const nonceOf = (text: string) => /'nonce-([\w+/=]+)'/u.exec(text)?.[1] ?? '';
    const nonce = nonceOf(String(one.headers['content-security-policy']));
    expect(one.headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws://${own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(Buffer.from(nonce, 'base64').length).toBeGreaterThanOrEqual(16);
    expect(one.body).toContain(`nonce="${nonce}"`);
    expect(one.body).toContain('<meta name="lookaside-face" content="browser">');
    expect(one.body).not.toContain('__CSP_NONCE__');
    expect(nonceOf(String(two.headers['content-security-policy']))).not.toBe(nonce);
  });

  it('keeps hashed files for ever and asks again for the others', async () => {
    const Cookie = await session();
    const hashed = await test.get('/assets/index-abcdef12.js', { Cookie });
    expect([hashed.status, hashed.headers['cache-control'], hashed.headers['content-type']]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'text/javascript; charset=utf-8',
    ]);
    expect((await test.get('/plain.svg', { Cookie })).headers['cache-control']).toBe('no-cache');
  });
});

describe('paths', () => {
  it.each([
    '/../secret.txt',
    '/../../../../../../etc/passwd',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '/../page-sibling/secret.txt',
    '/..%2fpage-sibling%2fsecret.txt',
    '/link.txt',
    '/plain.svg%00.js',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '/assets',
    '/assets/',
    '/./',
    '/index.html',
    '/assets/../index.html',
    '/__proto__',
    '/constructor',
  ])('finds nothing at %j', async (path) => {
    const answer = await test.get(path, { Cookie: await session() });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('outside');
  });

  it('finds nothing under a name longer than any file system takes', async () => {
    expect((await test.get(`/${'a'.repeat(5000)}`, { Cookie: await session() })).status).toBe(404);
  });

  it.each(['//evil.example/', 'http://evil.example/', '*'])('refuses the target %j', async (path) => {
    expect((await test.get(path, { Cookie: await session() })).status).toBe(400);
  });
});

describe('WebSocket', () => {
  it('carries the contract for our page', async () => {
    const socket = await opened();
    const client = createORPCClient<HostClient>(new RPCLink({ websocket: socket }));
    expect(await client.app.info()).toMatchObject({ version: '0.0.0-test', face: 'browser' });
    socket.close();
  });

  it.each([
    ['a foreign origin', () => ({ origin: 'http://evil.example' })],
    ['an origin that begins like ours', () => ({ origin: `${origin}.evil.example` })],
    ['our origin under another name', () => ({ origin: `http://localhost:${test.face.port}` })],
    ['a secure origin', () => ({ origin: `https://${own}` })],
    ['the null origin', () => ({ origin: 'null' })],
  ])('refuses %s', async (_what, options) => {
    expect(await test.dial({ headers: { Cookie: await session() }, ...options() })).toBe(403);
  });

  it('refuses a missing origin', async () => {
    expect(await test.dial({ headers: { Cookie: await session() } })).toBe(403);
  });

  it('refuses a foreign host', async () => {
    expect(await test.dial({ headers: { Cookie: await session(), Host: 'evil.example' }, origin })).toBe(403);
    expect(await test.dial({ headers: { Cookie: await session(), Host: 'evil.example' }, origin: 'http://evil.example' })).toBe(403);
  });

  it('refuses a client without a session, and a token instead of one', async () => {
    expect(await test.dial({ origin })).toBe(401);
    expect(await test.dial({ headers: { Cookie: `lookaside_${test.face.port}=wrong` }, origin })).toBe(401);
    expect(await test.dial({ path: `/host${new URL(test.face.mintUrl()).search}`, origin })).toBe(401);
  });

  it('is at one path only', async () => {
    expect(await test.dial({ path: '/', headers: { Cookie: await session() }, origin })).toBe(404);
    expect(await test.dial({ path: '/assets/index-abcdef12.js', headers: { Cookie: await session() }, origin })).toBe(404);
  });

  it('closes on a frame above 8 MiB', async () => {
    const socket = await opened();
    socket.send('x'.repeat(8 * 1024 * 1024 + 1));
    const [code] = (await once(socket, 'close')) as [number];
    expect([1006, 1009]).toContain(code);
  });

  it.each([
    ['text that is not JSON', 'not json'],
    ['JSON that is no request', '{"i":1}'],
    ['an array', '[]'],
    ['bytes', Buffer.from([0, 255, 1, 2])],
  ])('closes on %s', async (_what, frame) => {
    const socket = await opened();
    socket.send(frame);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1007);
  });

  it('takes a limited number of clients', async () => {
    const sockets = await Promise.all(Array.from({ length: 16 }, () => opened()));
    expect(await test.dial({ headers: { Cookie: await session() }, origin })).toBe(503);
    await Promise.all(
      sockets.map(async (socket) => {
        socket.close();
        await once(socket, 'close');
      }),
    );
    (await opened()).close();
  });

  it('drops a client that stops answering', async () => {
    const face = await startTestFace({ pingEveryMs: 50 });
    const Origin = `http://127.0.0.1:${face.face.port}`;
    const silent = await face.dial({ headers: { Cookie: await face.logIn() }, origin: Origin, client: { autoPong: false } });
    const lively = await face.dial({ headers: { Cookie: await face.logIn() }, origin: Origin });
    if (typeof silent === 'number' || typeof lively === 'number') throw new Error('refused');
    await once(silent, 'close');
    expect(lively.readyState).toBe(WebSocket.OPEN);
    lively.terminate();
    await face.stop();
  });
});

describe('end', () => {
  it('says that nobody is there, after the last client has left', async () => {
    let idle: () => void = () => undefined;
    const becameIdle = new Promise<void>((resolve) => {
      idle = resolve;
    });
    const face = await startTestFace({ idleExitMinutes: 0.002, onIdle: () => idle() });
    await expect(becameIdle).resolves.toBeUndefined();
    await face.stop();
  });

  it('says goodbye to open clients when it closes', async () => {
    const face = await startTestFace();
    const socket = await face.dial({ headers: { Cookie: await face.logIn() }, origin: `http://127.0.0.1:${face.face.port}` });
    if (typeof socket === 'number') throw new Error('refused');
    const closed = once(socket, 'close');
    await face.stop();
    const [code] = (await closed) as [number];
    expect(code).toBe(1001);
  });
});
