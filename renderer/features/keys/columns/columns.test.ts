import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnSort, columnWidths, fitKeyColumns, keyColumns, nextSort, sortFields, wantedColumns } from './columns.ts';

describe('columns', () => {
  test('type and TTL are always there, the others once their facts are read', () => {
    expect(wantedColumns('tree', [], null)).toEqual(['type', 'ttl', 'keys']);
    expect(wantedColumns('list', [], { fields: ['bytes', 'encoding'] })).toEqual(['type', 'ttl', 'bytes', 'encoding']);
    expect(wantedColumns('tree', ['type', 'keys'], { fields: ['recency'] })).toEqual(['ttl', 'recency']);
  });

  test('what has no room leaves, the least important first, and the order stays', () => {
    expect(fitKeyColumns('tree', keyColumns, columnWidths, 2000)).toEqual([...keyColumns]);
    expect(fitKeyColumns('tree', keyColumns, columnWidths, 150 + 92 + 122 + 80)).toEqual(['ttl', 'bytes', 'keys']);
    expect(fitKeyColumns('list', keyColumns, columnWidths, 100)).toEqual([]);
  });

  test('columns never take more than the room beside the name', () => {
    fc.assert(
      fc.property(fc.subarray([...keyColumns]), fc.nat({ max: 1500 }), (wanted, room) => {
        const fitting = fitKeyColumns('list', wanted, columnWidths, room);
        expect(fitting.reduce((sum, column) => sum + columnWidths[column], 0)).toBeLessThanOrEqual(Math.max(0, room - 190));
        expect(wanted.filter((column) => fitting.includes(column))).toEqual(fitting);
      }),
    );
  });

  test('a header sorts with the most first, and turns round on the second click', () => {
    expect(nextSort(null, 'bytes')).toEqual({ by: 'bytes', descending: true });
    expect(nextSort({ by: 'bytes', descending: true }, 'bytes')).toEqual({ by: 'bytes', descending: false });
    expect(nextSort(null, 'name')).toEqual({ by: 'name', descending: true });
    expect(nextSort({ by: 'bytes', descending: true }, 'name')).toEqual({ by: 'name', descending: false });
    expect(columnSort('recency', 'frequency')).toBe('frequency');
    expect(columnSort('encoding', null)).toBeNull();
    expect(sortFields({ by: 'idle', descending: true })).toEqual(['recency']);
    expect(sortFields({ by: 'name', descending: true })).toEqual([]);
  });
});
