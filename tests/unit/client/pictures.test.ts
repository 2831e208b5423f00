import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPictures, type DropPicture } from '../../../src/client/inventory-snapshots.js';

const DROP = '7d3b5a58-6f0e-4a47-9a3c-0d6f6a2f8f01';

function picture(version: number, status: DropPicture['status'] = 'live', dropId = DROP): DropPicture {
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

describe('the pictures of a client', () => {
  it('never go back, whatever arrives in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 50 }))), (arrivals) => {
        const pictures = createPictures();
        const highest = new Map<string, number>();
        for (const [dropId, version] of arrivals) {
          const known = highest.get(dropId) ?? 0;
          const [list, before] = [pictures.all(), pictures.get(dropId)];
          expect(pictures.take(picture(version, 'live', dropId))).toBe(version > known);
          if (version <= known)
            expect([pictures.all() === list, pictures.get(dropId) === before]).toEqual([true, true]);
          highest.set(dropId, Math.max(known, version));
          expect(pictures.get(dropId)?.version).toBe(highest.get(dropId));
        }
        expect(new Map(pictures.all().map(({ dropId, version }) => [dropId, version]))).toEqual(highest);
      }),
    );
  });

  it.for([
    { from: 'scheduled', to: 'live', taken: true },
    { from: 'scheduled', to: 'sold_out', taken: true },
    { from: 'scheduled', to: 'ended', taken: true },
    { from: 'live', to: 'ended', taken: true },
    { from: 'sold_out', to: 'ended', taken: true },
    { from: 'live', to: 'scheduled', taken: false },
    { from: 'ended', to: 'live', taken: false },
    { from: 'live', to: 'live', taken: false },
  ] as const)('at one version follow the time and never go back: $from, $to', ({ from, to, taken }) => {
    const pictures = createPictures();
    pictures.take(picture(3, from));
    expect(pictures.take(picture(3, to))).toBe(taken);
    expect(pictures.get(DROP)?.status).toBe(taken ? to : from);
  });

  it('can be forgotten', () => {
    const pictures = createPictures();
    pictures.take(picture(3));
    expect([pictures.remove(DROP), pictures.remove(DROP), pictures.all()]).toEqual([true, false, []]);
    expect(pictures.take(picture(1))).toBe(true);
  });
});
