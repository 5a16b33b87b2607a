import { KeyspaceIndex } from './keyspace-index.ts';
import { RespReader } from './resp-reader.ts';

const pages = 60;
const pageNames = 1000;

/** A SCAN reply as a server sends it; the names fall into folders as those of real keyspaces do. */
function page(number: number): Buffer {
  const names = Array.from({ length: pageNames }, (_, i) => {
    const name = `warm${i % 7}:${(number * pageNames + i) % 9973}:${number}x${i}`;
    return `$${name.length}\r\n${name}\r\n`;
  });
  return Buffer.from(`*2\r\n$1\r\n1\r\n*${pageNames}\r\n${names.join('')}`);
}

/**
 * Runs the hot path on made-up names, a page at a time while `goOn` holds, so that the engine has compiled it before the
 * first index needs it. What it builds is dropped.
 */
export async function warmUp(goOn: () => boolean): Promise<void> {
  const index = new KeyspaceIndex([':'], () => undefined);
  const reader = new RespReader({
    line: () => undefined,
    bulk: () => undefined,
    cursor: () => undefined,
    names: (bytes, from, to, count) => {
      for (let i = 0; i < count; i += 1) index.put(bytes, from[i] as number, to[i] as number, 1);
    },
    pageEnd: () => undefined,
    bytesEnd: () => index.flush(),
  });
  for (let number = 0; number < pages && goOn(); number += 1) {
    reader.push(page(number));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  index.close();
}
