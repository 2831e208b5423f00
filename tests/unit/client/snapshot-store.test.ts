import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventorySnapshot } from '../../../src/inventory/inventory-snapshot.js';
import { createSnapshotStore } from '../../../src/client/snapshot-store.js';

const DROP = '7d3b5a58-6f0e-4a47-9a3c-0d6f6a2f8f01';

function snapshot(version: number, status: InventorySnapshot['status'] = 'live', dropId = DROP): InventorySnapshot {
  return {
    dropId,
    availableStock: 100 - version,
    reservedStock: version,
    soldStock: 0,
    totalStock: 100,
    version,
    status,
  };
}

describe('the snapshot store of a client', () => {
  it('keeps the highest version of each drop, in any order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 50 }))), (arrivals) => {
        const snapshots = createSnapshotStore();
        const highest = new Map<string, number>();
        for (const [dropId, version] of arrivals) {
          const known = highest.get(dropId) ?? 0;
          const [list, before] = [snapshots.all(), snapshots.get(dropId)];
          expect(snapshots.put(snapshot(version, 'live', dropId))).toBe(version > known);
          if (version <= known)
            expect([snapshots.all() === list, snapshots.get(dropId) === before]).toEqual([true, true]);
          highest.set(dropId, Math.max(known, version));
          expect(snapshots.get(dropId)?.version).toBe(highest.get(dropId));
        }
        expect(new Map(snapshots.all().map(({ dropId, version }) => [dropId, version]))).toEqual(highest);
      }),
    );
  });

  it.for([
    { from: 'scheduled', to: 'live', stored: true },
    { from: 'scheduled', to: 'sold_out', stored: true },
    { from: 'scheduled', to: 'ended', stored: true },
    { from: 'live', to: 'ended', stored: true },
    { from: 'sold_out', to: 'ended', stored: true },
    { from: 'live', to: 'scheduled', stored: false },
    { from: 'ended', to: 'live', stored: false },
    { from: 'live', to: 'live', stored: false },
  ] as const)('at one version accepts only the status that follows by time: $from, $to', ({ from, to, stored }) => {
    const snapshots = createSnapshotStore();
    snapshots.put(snapshot(3, from));
    expect(snapshots.put(snapshot(3, to))).toBe(stored);
    expect(snapshots.get(DROP)?.status).toBe(stored ? to : from);
  });

  it('removes a drop', () => {
    const snapshots = createSnapshotStore();
    snapshots.put(snapshot(3));
    expect([snapshots.remove(DROP), snapshots.remove(DROP), snapshots.all()]).toEqual([true, false, []]);
    expect(snapshots.put(snapshot(1))).toBe(true);
  });
});
