import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prisma } from '../../src/generated/prisma/client.js';
import type { DropRow } from '../../src/inventory/drop-row.js';
import type { ReserveRecords, ReserveState } from '../../src/inventory/queries/reserve.queries.js';
import type { ReservationJson } from '../../src/inventory/reservation-row.js';
import {
  decideReleases,
  decideReservations,
  type Decision,
} from '../../src/modules/reservations/reservations.decide.js';
import { DROP as SHOWN_DROP } from '../helpers/drop.js';

const DROP = '7e6d5c4b-3a29-4f18-8e07-d6c5b4a39281';
const OTHER_DROP = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const TIME = new Date('2030-01-01T00:00:00.000Z');

function dropRow(changes: Partial<DropRow> = {}): DropRow {
  const { topPurchasers: _topPurchasers, ...shown } = SHOWN_DROP;
  const stock = { totalStock: 10, availableStock: 10, reservedStock: 0, soldStock: 0 };
  const opening = { dropStartsAt: TIME, dropEndsAt: null, pausedAt: null, cancelledAt: null };
  const times = { ...opening, createdAt: TIME, updatedAt: TIME, readAt: TIME };
  return { ...shown, id: DROP, ...stock, ...times, price: new Prisma.Decimal(10), ...changes };
}

function reservation(changes: Partial<ReservationJson> = {}): ReservationJson {
  const ids = { id: 'r', userId: 'u', dropId: DROP, idempotencyKey: null };
  const times = { expiresAt: TIME.toISOString(), settledAt: null, createdAt: TIME.toISOString() };
  return { ...ids, ...times, updatedAt: TIME.toISOString(), status: 'active', ...changes };
}

const NO_RECORDS: ReserveRecords = { tokenRefusal: null, created: null, keyed: null, held: null, bought: 0 };

function stateOf(drop: Partial<DropRow>, records: readonly Partial<ReserveRecords>[] = []): ReserveState {
  const known = records.map((each, index): [number, ReserveRecords] => [index, { ...NO_RECORDS, ...each }]);
  return { drop: dropRow(drop), reclaimed: [], records: new Map(known) };
}

/** Returns `write`, `found`, `replayed`, or the code of the refusal. */
function outcomeOf(decision: Decision | undefined): string {
  if (decision?.kind === 'refused') return decision.error.code;
  if (decision?.kind === 'found') return decision.replayed ? 'replayed' : 'found';
  return decision?.kind ?? 'none';
}

function outcomesOf(state: ReserveState, count: number): string[] {
  const requests = Array.from({ length: count }, (_, index) => ({ id: String(index) }));
  return decideReservations(state, requests).map(outcomeOf);
}

/** Each case also meets every later condition of the contract, so the first condition decides. */
describe('reservations are refused in the order of the contract', () => {
  const soldOut = { availableStock: 0, limitPerUser: 1 };
  const limited = { bought: 1 };
  const held = { ...limited, held: reservation() };
  it.for([
    ['unauthenticated', { status: 'ended', ...soldOut }, { ...held, tokenRefusal: 'disabled', keyed: reservation() }],
    ['found', { status: 'ended', ...soldOut }, { ...held, created: reservation(), keyed: reservation() }],
    ['replayed', { status: 'ended', ...soldOut }, { ...held, keyed: reservation() }],
    [
      'idempotency-key-reused',
      { status: 'ended', ...soldOut },
      { ...held, keyed: reservation({ dropId: OTHER_DROP }) },
    ],
    ['drop-ended', { status: 'cancelled', ...soldOut }, held],
    ['drop-ended', { status: 'ended', ...soldOut }, held],
    ['drop-paused', { status: 'paused', ...soldOut }, held],
    ['drop-not-started', { status: 'scheduled', ...soldOut }, held],
    ['already-reserved', { status: 'sold_out', ...soldOut }, held],
    ['limit-reached', { status: 'sold_out', ...soldOut }, limited],
    ['sold-out', { status: 'sold_out', ...soldOut }, { held: reservation({ status: 'expired' }) }],
    ['write', { status: 'live', availableStock: 1 }, { bought: 5 }],
  ] as const)('%s', ([outcome, drop, records]) => {
    expect(outcomesOf(stateOf(drop, [records]), 1)).toEqual([outcome]);
  });
});

it('units go to the first requests that are not refused for another reason', () => {
  const state = stateOf({ availableStock: 2 }, [{ held: reservation() }, { tokenRefusal: 'deleted' }]);
  expect(outcomesOf(state, 5)).toEqual(['already-reserved', 'unauthenticated', 'write', 'write', 'sold-out']);
});

const recordsOf = fc.record({
  tokenRefusal: fc.constantFrom(null, 'deleted', 'disabled', 'signed-out'),
  created: fc.constantFrom(null, reservation()),
  keyed: fc.constantFrom(null, reservation(), reservation({ dropId: OTHER_DROP })),
  held: fc.constantFrom(null, reservation(), reservation({ status: 'expired' })),
  bought: fc.nat(3),
});
const statuses = fc.constantFrom<DropRow['status']>('scheduled', 'live', 'sold_out', 'paused', 'ended', 'cancelled');

it('a batch has the same outcomes as a model that handles one request after the other', () => {
  fc.assert(
    fc.property(
      statuses,
      fc.nat(5),
      fc.option(fc.integer({ min: 1, max: 3 })),
      fc.array(recordsOf, { maxLength: 12 }),
      (status, availableStock, limitPerUser, records) => {
        let units = availableStock;
        const expected = records.map(({ tokenRefusal, created, keyed, held, bought }) => {
          const refusals: [applies: boolean, outcome: string][] = [
            [tokenRefusal !== null, 'unauthenticated'],
            [created !== null, 'found'],
            [keyed?.dropId === DROP, 'replayed'],
            [keyed !== null, 'idempotency-key-reused'],
            [status === 'cancelled' || status === 'ended', 'drop-ended'],
            [status === 'paused', 'drop-paused'],
            [status === 'scheduled', 'drop-not-started'],
            [held?.status === 'active', 'already-reserved'],
            [limitPerUser !== null && bought >= limitPerUser, 'limit-reached'],
            [units === 0, 'sold-out'],
          ];
          const outcome = refusals.find(([applies]) => applies)?.[1] ?? 'write';
          if (outcome === 'write') units -= 1;
          return outcome;
        });
        expect(outcomesOf(stateOf({ status, availableStock, limitPerUser }, records), records.length)).toEqual(
          expected,
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('a release', () => {
  const decide = (known: ReservationJson | null, mayHaveCommitted = false) => {
    const reservations = new Map(known ? [[known.id, known]] : []);
    const requests = [{ userId: 'u', reservationId: 'r' }];
    return outcomeOf(decideReleases({ reservations }, requests, mayHaveCommitted)[0]);
  };

  it.for([
    ['active', 'write'],
    ['released', 'found'],
    ['completed', 'reservation-settled'],
    ['expired', 'reservation-expired'],
  ] as const)('of a reservation that is %s results in %s', ([status, outcome]) => {
    expect(decide(reservation({ status }))).toBe(outcome);
  });

  it('of a missing reservation is refused, or has an unknown outcome after a lost COMMIT', () => {
    expect([decide(null), decide(null, true)]).toEqual(['reservation-not-found', 'outcome-unknown']);
  });
});
