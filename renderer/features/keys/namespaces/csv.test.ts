import { expect, test } from 'vitest';
import type { NamespaceRow } from '../../../../shared/contract/key-groups.ts';
import { namespacesCsv } from './csv.ts';

const row: NamespaceRow = { name: 'user:', sample: 'user:1', folders: 2, keys: 10, share: 0.5, ttl: null, bytes: null, types: null };

test('what is not read is empty, names that need it are quoted, and bytes keep their interval', () => {
  const rows: NamespaceRow[] = [
    row,
    { ...row, name: 'a,"b":', ttl: { with: 1, without: 2, unknown: 7 }, bytes: { known: 3, seen: 30, value: 100, low: 90, high: 110, exactness: 'estimated' }, types: [{ type: 'hash', keys: 3 }, { type: 'set', keys: 1 }] },
    { ...row, name: { b64: '//46' } },
  ];
  expect(namespacesCsv(rows).split('\r\n')).toEqual([
    'namespace,keys,share,namespaces_inside,bytes,bytes_low,bytes_high,bytes_worth,keys_with_ttl,keys_without_ttl,keys_ttl_unknown,types',
    'user:,10,0.5,2,,,,,,,,',
    expect.stringMatching(/,10,0\.5,2,100,90,110,estimated,1,2,7,hash 3 set 1$/u),
    expect.stringContaining('\\xff\\xfe:'),
    '',
  ]);
});
