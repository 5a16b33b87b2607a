import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * The least that any client must do for a whole pass: `SCAN c COUNT 1000` over one socket, replies only walked by their
 * lengths. Milliseconds and names told.
 */
export async function scanFloor(port: number): Promise<{ ms: number; names: number }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  const begun = performance.now();
  let names = 0;
  let rest: Buffer = Buffer.alloc(0);
  const ask = (cursor: string) => socket.write(`*4\r\n$4\r\nSCAN\r\n$${cursor.length}\r\n${cursor}\r\n$5\r\nCOUNT\r\n$4\r\n1000\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const page = walkPage(rest);
      if (page === null) return;
      rest = rest.subarray(page.end);
      names += page.names;
      if (page.cursor === '0') resolve();
      else ask(page.cursor);
    });
    ask('0');
  });
  const ms = performance.now() - begun;
  socket.destroy();
  return { ms, names };
}

/** A whole page, or `null` when some of it is still to come. */
function walkPage(bytes: Buffer): { cursor: string; names: number; end: number } | null {
  let at = 4;
  let number = 0;
  const header = (): boolean => {
    number = 0;
    for (let i = at + 1; i < bytes.length; i += 1) {
      const byte = bytes[i] as number;
      if (byte !== 0x0d) {
        number = number * 10 + byte - 0x30;
        continue;
      }
      at = i + 2;
      return at <= bytes.length;
    }
    return false;
  };
  if (!header()) return null;
  const cursor = bytes.toString('latin1', at, at + number);
  at += number + 2;
  if (!header()) return null;
  const names = number;
  for (let left = names; left > 0; left -= 1) {
    if (!header()) return null;
    at += number + 2;
    if (at > bytes.length) return null;
  }
  return { cursor, names, end: at };
}
