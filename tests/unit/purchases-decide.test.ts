import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PurchaseRecords, PurchaseJson } from '../../src/inventory/queries/purchase.queries.js';
import type { ReservationJson } from '../../src/inventory/reservation-row.js';
import { decidePurchases } from '../../src/modules/purchases/purchases.decide.js';

const TIME = '2030-01-01T00:00:00.000Z';
const STATUSES = ['active', 'completed', 'expired', 'released'] as const;

function reservation(id: string, status: ReservationJson['status']): ReservationJson {
  const times = { expiresAt: TIME, settledAt: null, createdAt: TIME, updatedAt: TIME };
  return { id, userId: 'u', dropId: 'd', idempotencyKey: null, status, price: '10.00', ...times };
}

function purchaseOf(reservationId: string): PurchaseJson {
  return { id: 'p', userId: 'u', dropId: 'd', reservationId, price: '10.00', createdAt: TIME, updatedAt: TIME };
}

/** Returns `write`, `found`, `replayed`, or the code of the refusal. */
function outcomeOf(records: Partial<PurchaseRecords> | null, mayHaveCommitted = false): string {
  const known = { reservation: reservation('r', 'active'), keyed: null, created: null, ...records };
  const entries: [string, PurchaseRecords][] = records ? [['r', known]] : [];
  const [decision] = decidePurchases({ records: new Map(entries) }, [{ reservationId: 'r' }], mayHaveCommitted);
  if (decision?.kind === 'refused') return decision.error.code;
  if (decision?.kind === 'found') return decision.replayed ? 'replayed' : 'found';
  return decision?.kind ?? 'none';
}

it('a missing reservation is refused, or has an unknown outcome after a lost COMMIT', () => {
  expect([outcomeOf(null), outcomeOf(null, true)]).toEqual(['reservation-not-found', 'outcome-unknown']);
});

it.for([
  ['active', 'write'],
  ['expired', 'reservation-expired'],
  ['completed', 'reservation-settled'],
  ['released', 'reservation-settled'],
] as const)('a reservation that is %s results in %s', ([status, outcome]) => {
  expect(outcomeOf({ reservation: reservation('r', status) })).toBe(outcome);
});

it('an existing purchase is returned to its request, whatever the status of the reservation', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STATUSES),
      fc.constantFrom(null, purchaseOf('r')),
      fc.constantFrom(null, purchaseOf('r'), purchaseOf('another')),
      (status, created, keyed) => {
        const outcome = outcomeOf({ reservation: reservation('r', status), created, keyed });
        if (created) expect(outcome).toBe('found');
        else if (keyed) expect(outcome).toBe(keyed.reservationId === 'r' ? 'replayed' : 'idempotency-key-reused');
        else expect(outcome).toBe(outcomeOf({ reservation: reservation('r', status) }));
      },
    ),
  );
});
