import * as zlib from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { categories, productOf, type Product } from './catalogue.ts';

/** What the search endpoint caches. */
export interface SearchResult {
  term: string;
  total: number;
  items: Product[];
}

/** Values as different services of the shop store them: search gzips JSON, feeds are MessagePack, pages are Brotli. */
export function gzipJson(value: unknown): Buffer {
  return zlib.gzipSync(JSON.stringify(value));
}

export function zlibJson(value: unknown): Buffer {
  return zlib.deflateSync(JSON.stringify(value));
}

export function messagePack(value: unknown): Uint8Array {
  return encode(value);
}

const zstdBlock = 128 * 1024;

/** A zstd frame (RFC 8878) whose blocks hold the bytes as they are. */
function zstdStored(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528);
  // one segment, and the size of the content in four bytes
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(bytes.length, 5);
  const parts: Uint8Array[] = [head];
  for (let from = 0; from < bytes.length || from === 0; from += zstdBlock) {
    const block = bytes.subarray(from, from + zstdBlock);
    const last = from + zstdBlock >= bytes.length ? 1 : 0;
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE(last | (block.length << 3), 0, 3);
    parts.push(blockHead, block);
  }
  return Buffer.concat(parts);
}

/** MessagePack in zstd, as the recommender stores it. Node compresses zstd by itself from 22.15 on. */
export function zstdMessagePack(value: unknown): Buffer {
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };
  return (zstdCompressSync ?? zstdStored)(messagePack(value));
}

/** A rendered page, compressed for the CDN. */
export function brotliPage(product: Product): Buffer {
  const html =
    `<!doctype html><html lang="en"><title>${product.name}</title><body><h1>${product.name}</h1>` +
    `<p class="price">${(product.priceCents / 100).toFixed(2)} EUR</p><p>${'Made in small series. '.repeat(20)}</p></body></html>`;
  return zlib.brotliCompressSync(html, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });
}

/** A search result made of rows that the database was seeded with. */
export function seededSearch(term: string, at: number, products: number): SearchResult {
  const items = Array.from({ length: 12 }, (_, offset) => productOf(1 + ((at * 131 + offset * 17) % products)));
  return { term, total: 12 + (at % 300), items };
}

/** A user's feed; MessagePack keeps the binary cursor and the date as they are. */
export function seededFeed(userId: number): Record<string, unknown> {
  return {
    userId,
    version: 3,
    cursor: Uint8Array.from([0, 255, userId & 255, (userId >> 8) & 255]),
    generatedAt: new Date(1_767_225_600_000 + userId * 1000),
    items: Array.from({ length: 6 }, (_, at) => ({ kind: at % 2 === 0 ? 'product' : 'category', id: userId * 7 + at, title: categories[(userId + at) % categories.length], score: at / 8 })),
    seen: null,
    more: userId % 3 !== 0,
  };
}
