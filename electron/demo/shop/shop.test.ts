import { gunzipSync, inflateSync, brotliDecompressSync } from 'node:zlib';
import { decode } from '@msgpack/msgpack';
import { assert, integer, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullScale, productOf, smallScale, userOf } from './catalogue.ts';
import { brotliPage, gzipJson, messagePack, seededFeed, seededSearch, zlibJson } from './encoded-values.ts';
import { hostileNames } from './hostile-keys.ts';
import { keyCommands, sessionToken } from './key-families.ts';
import { mix, pick, randomFrom } from './random.ts';
import { shopRequests, type ShopRequest } from './requests.ts';

function take(seed: number, count: number): ShopRequest[] {
  const requests = shopRequests(seed, smallScale);
  return Array.from({ length: count }, () => requests.next().value);
}

/** Without the rate limiters, whose scores are the time. */
const commands = (seed: number) => [...keyCommands({ keys: 500, scale: smallScale, seed, shared: [] })].filter(([name]) => name !== 'ZADD');

describe('traffic', () => {
  it('is the same for the same seed and another for another', () => {
    expect(take(7, 2_000)).toEqual(take(7, 2_000));
    expect(take(7, 50)).not.toEqual(take(8, 50));
  });

  it('asks for every kind, within the shop, popular ids most', () => {
    const requests = take(1, 20_000);
    expect(new Set(requests.map(({ kind }) => kind)).size).toBe(14);
    expect(requests.every(({ userId, productId }) => userId >= 1 && userId <= smallScale.users && productId >= 1 && productId <= smallScale.products)).toBe(true);
    const popular = requests.filter(({ productId }) => productId <= smallScale.products / 10).length;
    expect(popular / requests.length).toBeGreaterThan(0.4);
  });
});

describe('seeded numbers', () => {
  it('stay in range', () => {
    assert(
      property(nat(), integer({ min: 1, max: 1_000_000 }), integer({ min: 1, max: 5 }), (seed, below, skew) => {
        const random = randomFrom(seed);
        for (let at = 0; at < 20; at += 1) expect(pick(random, below, skew)).toBeGreaterThanOrEqual(0);
        expect(pick(random, below, skew)).toBeLessThan(below);
      }),
    );
  });

  it('mix exactly for every id of the shop', () => {
    for (const id of [1, 749_999, 750_000]) {
      for (const attribute of [0, 1, 2, 3, 4] as const) {
        const exact = Number((((BigInt(id) * [2_654_435_761n, 2_246_822_519n, 3_266_489_917n, 668_265_263n, 374_761_393n][attribute]!) % 4_294_967_296n) / 128n) % 1_000n);
        expect(mix(id, attribute, 1_000)).toBe(exact);
      }
    }
  });

  it('make distinct session tokens', () => {
    expect(new Set(Array.from({ length: 200_000 }, (_, at) => sessionToken(at))).size).toBe(200_000);
  });
});

describe('seeded keys', () => {
  it('are the same for the same seed', () => {
    expect(commands(3)).toEqual(commands(3));
    expect(commands(3)).not.toEqual(commands(4));
  });

  it('are as many lasting ones as asked for, all distinct', () => {
    const keys = 20_000;
    const names = new Set<string>();
    for (const command of keyCommands({ keys, scale: fullScale(keys), seed: 1, shared: [] })) {
      const name = String(command[1]);
      if (/^(EXPIRE|PEXPIRE)$/.test(String(command[0])) || /^(user:\d+$|ratelimit:|search:|page:|feed:|recommend:)/.test(name)) continue;
      names.add(name);
    }
    expect(names.size).toBe(keys);
  });

  it('decode to what went in', () => {
    const result = seededSearch('eco', 3, 1_000);
    expect(JSON.parse(gunzipSync(gzipJson(result)).toString())).toEqual(result);
    expect(JSON.parse(inflateSync(zlibJson(result)).toString())).toEqual(result);
    expect(brotliDecompressSync(brotliPage(productOf(9))).toString()).toContain(productOf(9).name);
    expect(decode(messagePack(seededFeed(12)))).toEqual(seededFeed(12));
  });

  it('hold hostile names, each once, with the empty one and one of 64 KB', () => {
    expect(new Set(hostileNames.map(([name]) => name.toString('hex'))).size).toBe(hostileNames.length);
    expect(hostileNames.map(([name]) => name.length)).toEqual(expect.arrayContaining([0, 65_536]));
    expect(hostileNames.filter(([name]) => !Buffer.from(name.toString('utf8')).equals(name)).length).toBeGreaterThanOrEqual(2);
  });

  it('say the same of a user every time', () => {
    expect(userOf(1042)).toEqual(userOf(1042));
    expect(userOf(1042)).toMatchObject({ id: 1042, email: 'user1042@shop.example' });
  });
});
