import { describe, expect, it } from 'vitest';
import { coreCommandTable, parseCommandTable } from '../../../../shared/redis/command-table.ts';
import { backoffMs } from './backoff.ts';
import { failingNodes, parseClusterSlots } from './cluster-map.ts';
import { addStats, createImpactMeter, parseCommandStats } from './impact-meter.ts';
import { infoFields } from './replies.ts';
import { firstKey } from './router.ts';
import { medianOf } from './vitals.ts';

describe('back-off', () => {
  it('doubles to a cap and stays within a fifth', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, 0.5))).toEqual([100, 200, 400, 800]);
    expect(backoffMs(50, 0)).toBe(8000);
    expect(backoffMs(10_000, 1)).toBe(12_000);
  });
});

describe('the impact meter', () => {
  it('prices calls at the mean between two readings', () => {
    let now = 0;
    const meter = createImpactMeter(() => now);
    expect(meter.read()).toEqual({ commands: 0, usec: null, recentShare: null, bytesIn: 0, bytesOut: 0 });
    meter.price(parseCommandStats('cmdstat_scan:calls=10,usec=1000,usec_per_call=100.00\r\ncmdstat_config|get:calls=2,usec=10,usec_per_call=5.00'));
    meter.count('scan', 4);
    meter.count('config|get', 1);
    meter.count('unknown', 1);
    meter.countBytes(7, 3);
    meter.price(parseCommandStats('cmdstat_scan:calls=20,usec=6000,usec_per_call=300.00\r\ncmdstat_config|get:calls=2,usec=10,usec_per_call=5.00'));
    // scan: (6000 - 1000) / 10 = 500 each; config|get did not move, so its life's mean of 5
    expect(meter.read()).toEqual({ commands: 6, usec: 2005, recentShare: 2005 / 10_000_000, bytesIn: 7, bytesOut: 3 });
    now = 20_000;
    expect(meter.read()).toMatchObject({ usec: 2005, recentShare: 0 });
    meter.count('scan', 1);
    meter.price(parseCommandStats('cmdstat_scan:calls=2,usec=20,usec_per_call=10.00'));
    expect(meter.read().usec).toBe(2015);
    meter.price(null);
    expect(meter.read().usec).toBe(null);
  });

  it('adds the masters of a cluster', () => {
    expect(addStats([parseCommandStats('cmdstat_get:calls=1,usec=2'), parseCommandStats('cmdstat_get:calls=3,usec=4')]).get('get')).toEqual({ calls: 4, usec: 6 });
  });
});

describe('the cluster map', () => {
  it('reads owners, announced names and unknown addresses', () => {
    const map = parseClusterSlots(
      [
        [0, 100, [Buffer.from('a.shop'), 7000, Buffer.from('id1')], [Buffer.from('b.shop'), 7001, Buffer.from('id2')]],
        [200, 16_383, [Buffer.from(''), 7002, Buffer.from('id3')]],
        [150, 150, [Buffer.from('a.shop'), 7000, Buffer.from('id1')]],
        ['odd'],
      ],
      { host: 'seed', port: 7002 },
    );
    expect([...map.nodes.values()]).toEqual([
      { id: 'a.shop:7000', host: 'a.shop', port: 7000, role: 'master', slots: 102 },
      { id: 'b.shop:7001', host: 'b.shop', port: 7001, role: 'replica', slots: 0 },
      { id: 'seed:7002', host: 'seed', port: 7002, role: 'master', slots: 16_184 },
    ]);
    expect([map.owners[0], map.owners[101], map.owners[150], map.owners[16_383]]).toEqual(['a.shop:7000', null, 'a.shop:7000', 'seed:7002']);
    expect(failingNodes('id 10.0.0.1:1@2,host slave,fail m 0 0 0 disconnected\nid 10.0.0.2:1@2 master - 0 0 0 connected 0-1\n')).toEqual(new Set(['10.0.0.1:1']));
  });

  it('finds the key that decides where a command goes', () => {
    const table = parseCommandTable([['json.get', -2, ['readonly'], 1, 1, 1]]);
    expect(firstKey(table, ['EVAL', 'return 1', 1, 'k'])).toEqual(Buffer.from('k'));
    expect(firstKey(table, ['xread', 'COUNT', 1, 'STREAMS', 's', '0'])).toEqual(Buffer.from('s'));
    expect(firstKey(table, ['JSON.GET', Buffer.from([0xff])])).toEqual(Buffer.from([0xff]));
    expect(firstKey(table, ['memory', 'usage', 'k'])).toEqual(Buffer.from('k'));
    expect(firstKey(coreCommandTable(), ['SCAN', '0'])).toBe(null);
    expect(firstKey(table, ['EVAL'])).toBe(null);
    expect(firstKey(table, ['GET'])).toBe(null);
    expect(firstKey(table, ['nosuch', 'x'])).toBe(null);
  });
});

it('takes the median, and reads INFO', () => {
  expect(medianOf([])).toBe(null);
  expect(medianOf([9, 1, 5])).toBe(5);
  expect(infoFields('# Server\r\nredis_version:7.0.15\r\nexecutable:/a:b\r\n\r\n')).toEqual(new Map([['redis_version', '7.0.15'], ['executable', '/a:b']]));
});
