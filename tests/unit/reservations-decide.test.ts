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
  const { topPurchasers: _topPurchasers, availability: _availability, ...shown } = SHOWN_DROP;
  const stock = { totalStock: 10, availableStock: 10, reservedStock: 0, soldStock: 0 };
  const opening = { dropStartsAt: TIME, dropEndsAt: null };
  const times = { ...opening, createdAt: TIME, updatedAt: TIME, readAt: TIME };
  return { ...shown, id: DROP, ...stock, ...times, price: new Prisma.Decimal(10), ...changes };
}

function reservation(changes: Partial<ReservationJson> = {}): ReservationJson {
  const ids = { id: 'r', userId: 'u', dropId: DROP, price: '10.00', idempotencyKey: null };
  const times = { expiresAt: TIME.toISOString(), settledAt: null, createdAt: TIME.toISOString() };
  return { ...ids, ...times, updatedAt: TIME.toISOString(), status: 'active', ...changes };
}

const NO_RECORDS: ReserveRecords = {
  tokenRefusal: null,
  created: null,
  keyed: null,
  held: null,
  bought: 0,
  unpaid: null,
};

const COOL_DOWN = { after: 2, seconds: 600 };
const secondsAgo = (seconds: number) => new Date(TIME.getTime() - seconds * 1000).toISOString();
const UNPAID = [secondsAgo(10), secondsAgo(599)];

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

function outcomesOf(state: ReserveState, count: number, coolDown = COOL_DOWN): string[] {
  const requests = Array.from({ length: count }, (_, index) => ({ id: String(index) }));
  return decideReservations(state, requests, coolDown).map(outcomeOf);
}

/** Each case also meets every later condition of the contract, so the first condition decides. */
describe('reservations are refused in the order of the contract', () => {
  const soldOut = { availableStock: 0, limitPerUser: 1 };
  const unpaid = { unpaid: UNPAID };
  const limited = { ...unpaid, bought: 1 };
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
    ['drop-not-found', { status: 'draft', ...soldOut }, held],
    ['drop-ended', { status: 'cancelled', ...soldOut }, held],
    ['drop-ended', { status: 'ended', ...soldOut }, held],
    ['drop-paused', { status: 'paused', ...soldOut }, held],
    ['drop-not-started', { status: 'scheduled', ...soldOut }, held],
    ['already-reserved', { status: 'sold_out', ...soldOut }, held],
    ['limit-reached', { status: 'sold_out', ...soldOut }, limited],
    ['cool-down', { status: 'sold_out', ...soldOut }, unpaid],
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

it.for([
  ['every unit is bought', 'sold_out', { availableStock: 0 }],
  ['a unit is held', 'all_held', { availableStock: 0, reservedStock: 1 }],
  ['the last unit went to a request before it', 'all_held', { availableStock: 1 }],
] as const)('a refusal says what becomes of the units, if %s: %s', ([, availability, stock]) => {
  const [last] = decideReservations(stateOf(stock), [{ id: '0' }, { id: '1' }], COOL_DOWN).slice(-1);
  expect(last).toMatchObject({ kind: 'refused', error: { code: 'sold-out', members: { availability } } });
});

describe('a user with unpaid holds', () => {
  const expired = reservation({ status: 'expired', updatedAt: secondsAgo(0) });
  const refusalOf = (records: Partial<ReserveRecords>, coolDown = COOL_DOWN) => {
    const [decision] = decideReservations(stateOf({}, [records]), [{ id: '0' }], coolDown);
    return decision?.kind === 'refused' ? decision.error : decision?.kind;
  };

  it.for<[string, string, Partial<ReserveRecords>, typeof COOL_DOWN?]>([
    ['fewer than it takes', 'write', { unpaid: [secondsAgo(1)] }],
    ['as many as it takes', 'cool-down', { unpaid: UNPAID }],
    ['of which the earlier is as old as the cool-down is long', 'write', { unpaid: [secondsAgo(1), secondsAgo(600)] }],
    ['of which the last has just been reclaimed', 'cool-down', { held: expired, unpaid: [secondsAgo(599)] }],
    ['of which the last has just been reclaimed, and a recent one', 'cool-down', { held: expired, unpaid: UNPAID }],
    ['of which the only one has just been reclaimed', 'write', { held: expired }],
    ['of which one is enough', 'cool-down', { held: expired }, { after: 1, seconds: 5 }],
    ['while there is no cool-down', 'write', { held: expired, unpaid: UNPAID }, { after: 0, seconds: 600 }],
  ])('%s: %s', ([, outcome, records, coolDown]) => {
    expect(outcomesOf(stateOf({}, [records]), 1, coolDown)).toEqual([outcome]);
  });

  it('is refused with the time of the next attempt, in words for people and in seconds for clients', () => {
    expect(refusalOf({ unpaid: [secondsAgo(10), secondsAgo(120.5)] })).toMatchObject({
      message: 'Your last reservations of this drop were not paid for: you can reserve it again in 8 minutes',
      members: { retryAt: new Date(TIME.getTime() + 479_500).toISOString() },
      headers: { 'Retry-After': '480' },
    });
  });

  it.for([
    [1, '1 second'],
    [60, '60 seconds'],
    [61, '2 minutes'],
    [3_600, '60 minutes'],
    [3_601, '2 hours'],
  ] as const)('waits for %i s: %s', ([seconds, words]) => {
    expect(refusalOf({ held: expired }, { after: 1, seconds })).toMatchObject({
      message: expect.stringMatching(`again in ${words}$`) as string,
    });
  });

  it('takes no unit from others', () => {
    const state = stateOf({ availableStock: 1 }, [{ unpaid: UNPAID }]);
    expect(outcomesOf(state, 3)).toEqual(['cool-down', 'write', 'sold-out']);
  });
});

const recordsOf = fc.record({
  tokenRefusal: fc.constantFrom(null, 'deleted', 'disabled', 'signed-out'),
  created: fc.constantFrom(null, reservation()),
  keyed: fc.constantFrom(null, reservation(), reservation({ dropId: OTHER_DROP })),
  held: fc.constantFrom(null, reservation(), reservation({ status: 'expired' })),
  bought: fc.nat(3),
  unpaid: fc.option(fc.array(fc.nat(20), { minLength: 1, maxLength: 3 })),
});
const statuses = fc.constantFrom<DropRow['status']>(
  'draft',
  'scheduled',
  'live',
  'sold_out',
  'paused',
  'ended',
  'cancelled',
);

it('a batch has the same outcomes as a model that handles one request after the other', () => {
  fc.assert(
    fc.property(
      statuses,
      fc.nat(5),
      fc.option(fc.integer({ min: 1, max: 3 })),
      fc.array(recordsOf, { maxLength: 12 }),
      fc.record({ after: fc.nat(3), seconds: fc.integer({ min: 1, max: 20 }) }),
      (status, availableStock, limitPerUser, records, coolDown) => {
        let units = availableStock;
        const expected = records.map(({ tokenRefusal, created, keyed, held, bought, unpaid }) => {
          const ages = [...(unpaid ?? []), ...(held?.status === 'expired' ? [0] : [])];
          const recent = ages.filter((age) => age < coolDown.seconds);
          const refusals: [applies: boolean, outcome: string][] = [
            [tokenRefusal !== null, 'unauthenticated'],
            [created !== null, 'found'],
            [keyed?.dropId === DROP, 'replayed'],
            [keyed !== null, 'idempotency-key-reused'],
            [status === 'draft', 'drop-not-found'],
            [status === 'cancelled' || status === 'ended', 'drop-ended'],
            [status === 'paused', 'drop-paused'],
            [status === 'scheduled', 'drop-not-started'],
            [held?.status === 'active', 'already-reserved'],
            [limitPerUser !== null && bought >= limitPerUser, 'limit-reached'],
            [coolDown.after > 0 && recent.length >= coolDown.after, 'cool-down'],
            [units === 0, 'sold-out'],
          ];
          const outcome = refusals.find(([applies]) => applies)?.[1] ?? 'write';
          if (outcome === 'write') units -= 1;
          return outcome;
        });
        const loaded = records.map((each) => ({
          ...each,
          unpaid: each.unpaid?.sort((a, b) => a - b).map(secondsAgo) ?? null,
        }));
        const state = stateOf({ status, availableStock, limitPerUser }, loaded);
        expect(outcomesOf(state, records.length, coolDown)).toEqual(expected);
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
