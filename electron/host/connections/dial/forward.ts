import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { targetText, type NetworkTarget } from './network-errors.ts';
import type { DialedSocket } from './dialer.ts';

export interface Forwards {
  to(target: NetworkTarget): Promise<{ path: string }>;
  close(): Promise<void>;
}

interface Forward {
  server: net.Server;
  path: string;
}

/**
 * Local sockets whose connections are dialled on. The folder is only this user's (0700 by mkdtemp); a named pipe
 * has 128 random bits in its name, because Windows has no such folder for pipes.
 */
export function createForwards(dial: (target: NetworkTarget) => Promise<DialedSocket>): Forwards {
  const forwards = new Map<string, Promise<Forward>>();
  const open = new Set<{ destroy(): unknown }>();
  let folder: Promise<string> | null = null;
  let closed = false;

  async function socketPath(): Promise<string> {
    const name = randomBytes(process.platform === 'win32' ? 16 : 4).toString('hex');
    if (process.platform === 'win32') return `\\\\.\\pipe\\lookaside-${name}`;
    folder ??= mkdtemp(join(tmpdir(), 'lookaside-'));
    return join(await folder, name);
  }

  async function accept(local: net.Socket, target: NetworkTarget): Promise<void> {
    open.add(local);
    local.on('error', () => local.destroy());
    local.once('close', () => open.delete(local));
    try {
      const remote = await dial(target);
      if (local.destroyed) {
        remote.destroy();
        return;
      }
      open.add(remote);
      remote.once('close', () => open.delete(remote));
      pipeline(local, remote, () => remote.destroy());
      pipeline(remote, local, () => local.destroy());
    } catch (error) {
      // the far end sees a closed connection, as it would from a server; the dial reports the reason to its own caller
      local.destroy(error instanceof LookasideError ? undefined : (error as Error));
    }
  }

  async function listen(target: NetworkTarget): Promise<Forward> {
    const path = await socketPath();
    const server = net.createServer((local) => void accept(local, target));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return { server, path };
  }

  return {
    to: async (target) => {
      if (closed) throw new LookasideError('NOT_CONNECTED', 'This connection is closed');
      const key = targetText(target);
      const known = forwards.get(key) ?? listen(target);
      forwards.set(key, known);
      try {
        return { path: (await known).path };
      } catch (error) {
        forwards.delete(key);
        throw new LookasideError('SSH_FORWARD_REFUSED', `No local socket can be made for the tunnel to ${key}`, { cause: error });
      }
    },
    close: async () => {
      closed = true;
      const ended = [...forwards.values()].map(async (each) => {
        const { server } = await each;
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          for (const socket of open) socket.destroy();
        });
      });
      await Promise.allSettled(ended);
      if (folder !== null) await rm(await folder, { recursive: true, force: true });
    },
  };
}
