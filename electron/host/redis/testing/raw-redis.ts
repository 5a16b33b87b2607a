import { connect, type Socket } from 'node:net';

function command(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

/** How many replies of one line a chunk ends. Only for commands that reply so. */
function countLines(chunk: Buffer): number {
  let lines = 0;
  for (const byte of chunk) if (byte === 0x0a) lines += 1;
  return lines;
}

/**
 * Sends commands as fast as the server takes them and waits for all replies, each of which must be one line (SET, DEL,
 * UNLINK, SADD …). Rejects when the connection breaks.
 */
export async function sendAll(port: number, commands: Iterable<readonly (string | Uint8Array)[]>): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1');
  let answered = 0;
  let sent = 0;
  let ended = false;
  const done = new Promise<void>((resolve, reject) => {
    const look = () => {
      if (ended && answered === sent) resolve();
    };
    socket.on('data', (chunk) => {
      answered += countLines(chunk);
      look();
    });
    socket.once('error', reject);
    socket.once('close', () => (ended && answered === sent ? resolve() : reject(new Error(`Closed after ${answered} of ${sent} replies`))));
    const feed = async () => {
      let batch: Buffer[] = [];
      const flush = async () => {
        sent += batch.length;
        const drained = socket.write(Buffer.concat(batch));
        batch = [];
        if (!drained) await new Promise((next) => socket.once('drain', next));
      };
      for (const parts of commands) {
        batch.push(command(parts));
        if (batch.length === 2000) await flush();
      }
      if (batch.length > 0) await flush();
      ended = true;
      look();
    };
    feed().catch(reject);
  });
  try {
    await done;
  } finally {
    socket.destroy();
  }
}

/** SET of each name to a small value. */
export async function setAll(port: number, names: Iterable<string | Uint8Array>): Promise<void> {
  function* sets() {
    for (const name of names) yield ['SET', name, 'v'] as const;
  }
  await sendAll(port, sets());
}
