import { once } from 'node:events';
import { connect } from 'node:net';

/** A reply taken apart as far as this loop needs it: a page of SCAN, or a number. */
interface Page {
  cursor: string;
  names: Buffer[];
}

/** One whole reply at the beginning of the bytes and where it ends; `null` when some of it is still to come. */
function readReply(bytes: Buffer): { page: Page | null; end: number } | null {
  const lineEnd = (from: number): number => bytes.indexOf('\r\n', from);
  const first = lineEnd(0);
  if (first < 0) return null;
  if (bytes[0] !== 0x2a) return { page: null, end: first + 2 };
  let at = first + 2;
  const bulk = (): Buffer | null => {
    const end = lineEnd(at);
    if (end < 0) return null;
    const length = Number(bytes.toString('latin1', at + 1, end));
    if (end + 2 + length + 2 > bytes.length) return null;
    const value = bytes.subarray(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
    return value;
  };
  const cursor = bulk();
  if (cursor === null) return null;
  const header = lineEnd(at);
  if (header < 0) return null;
  const count = Number(bytes.toString('latin1', at + 1, header));
  at = header + 2;
  const names: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = bulk();
    if (name === null) return null;
    names.push(name);
  }
  return { page: { cursor: cursor.toString('latin1'), names }, end: at };
}

function unlink(names: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${names.length + 1}\r\n$6\r\nUNLINK\r\n`)];
  for (const name of names) parts.push(Buffer.from(`$${name.length}\r\n`), name, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

/** The least that deletes by a pattern: SCAN MATCH COUNT 1000, then UNLINK of 500 names, over one socket, with no checks. ms. */
export async function deleteFloor(port: number, pattern: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  let rest: Buffer = Buffer.alloc(0);
  let waiting: ((page: Page | null) => void) | null = null;
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const reply = readReply(rest);
    if (reply === null) return;
    rest = rest.subarray(reply.end);
    const tell = waiting;
    waiting = null;
    tell?.(reply.page);
  });
  const ask = (command: Buffer | string): Promise<Page | null> =>
    new Promise((resolve) => {
      waiting = resolve;
      socket.write(command);
    });
  const begun = performance.now();
  let cursor = '0';
  let open: Buffer[] = [];
  do {
    const page = await ask(`*6\r\n$4\r\nSCAN\r\n$${cursor.length}\r\n${cursor}\r\n$5\r\nMATCH\r\n$${pattern.length}\r\n${pattern}\r\n$5\r\nCOUNT\r\n$4\r\n1000\r\n`);
    if (page === null) throw new Error('SCAN was refused');
    cursor = page.cursor;
    for (const name of page.names) open.push(Buffer.from(name));
    while (open.length >= 500 || (cursor === '0' && open.length > 0)) {
      await ask(unlink(open.slice(0, 500)));
      open = open.slice(500);
    }
  } while (cursor !== '0');
  const ms = performance.now() - begun;
  socket.destroy();
  return ms;
}
