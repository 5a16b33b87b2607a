import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket, type ClientOptions } from 'ws';
import { serveSocket } from '../../host/serve-port.ts';
import { createHost } from '../../host/host.ts';
import type { DemoService } from '../../host/services.ts';
import { openBundle } from '../../page/bundle.ts';
import { startWebFace, type WebFace, type WebFaceOptions } from '../web-face.ts';

/** A page small enough to read, with a secret beside it that must never be served. */
export async function makePage(folder: string): Promise<string> {
  const page = join(folder, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(
    join(page, 'index.html'),
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta property="csp-nonce" nonce="__CSP_NONCE__"></head><body>tiny page</body></html>',
  );
  await writeFile(join(page, 'assets', 'index-abcdef12.js'), 'globalThis.loaded = true;\n');
  await writeFile(join(page, 'plain.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await mkdir(join(folder, 'page-sibling'));
  await writeFile(join(folder, 'page-sibling', 'secret.txt'), 'outside');
  await symlink(join(folder, 'secret.txt'), join(page, 'link.txt'));
  return page;
}

export interface TestFace {
  face: WebFace;
  folder: string;
  reports: unknown[];
  /** A session's Cookie header, from a fresh token. */
  logIn(): Promise<string>;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
  /** Resolves to the opened socket, or to the status it was refused with. */
  dial(options: { path?: string; headers?: Record<string, string>; origin?: string; client?: ClientOptions }): Promise<WebSocket | number>;
  /** Drops every client without a goodbye, as a network does. */
  cut(): void;
  stop(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends the path as it is written: no client-side normalising of `..`. */
export function ask(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, setHost: !('Host' in headers), agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Bytes to the port as they are; resolves to everything it says before it hangs up. */
export function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    socket.on('end', () => resolve(said));
    socket.on('error', reject);
  });
}

function open(url: string, options: ClientOptions): Promise<WebSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (sent, response) => {
      sent.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

const noDemo: DemoService = { watch: async function* () {}, start: () => Promise.resolve(), stop: () => Promise.resolve() };

/** A host without servers behind the real face. `demo` stands for work that takes its time. */
export async function startTestFace(options: Partial<WebFaceOptions> = {}, demo: DemoService = noDemo): Promise<TestFace> {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-web-'));
  const bundle = await openBundle(await makePage(folder));
  const reports: unknown[] = [];
  const report = (error: unknown) => void reports.push(error);
  const host = createHost({
    version: '0.0.0-test',
    face: 'browser',
    dataFolder: join(folder, 'data'),
    vault: {
      persistent: false,
      reason: 'a test',
      protect: () => Promise.reject(new Error('not persistent')),
      reveal: () => Promise.reject(new Error('not persistent')),
    },
    environment: {},
    report,
    demo: () => demo,
  });
  const sockets = new Set<WebSocket>();
  const onClient = (socket: WebSocket): void => {
    sockets.add(socket);
    serveSocket(host.router, socket, { report });
  };
  const starting = startWebFace({ bundle, onClient, report, ...options });
  starting.catch(() => rm(folder, { recursive: true, force: true }));
  const face = await starting;
  const own = `127.0.0.1:${face.port}`;
  return {
    face,
    folder,
    reports,
    logIn: async () => {
      const token = new URL(face.mintUrl()).search;
      const answer = await ask(face.port, `/${token}`, { Host: own });
      return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    },
    get: (path, headers = {}, method = 'GET') => ask(face.port, path, { Host: own, ...headers }, method),
    dial: ({ path = '/host', headers = {}, origin, client = {} }) =>
      open(`ws://${own}${path}`, { ...client, headers, ...(origin === undefined ? {} : { origin }) }),
    cut: () => {
      for (const socket of sockets) socket.terminate();
      sockets.clear();
    },
    stop: async () => {
      await face.close();
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
