import { describe, expect, it } from 'vitest';
import { offerOf, type Offer } from '../../../web/src/ticket/offer.js';
import { timeToBuy } from '../../../web/src/ticket/time-to-buy.js';
import { DROP } from '../../helpers/drop.js';

type Situation = Parameters<typeof offerOf>[0];

const STATUSES = ['draft', 'cancelled', 'ended', 'paused', 'scheduled', 'sold_out', 'live'] as const;

/** Every combination of the state of a drop, its stock, its limit and the user. A drop without free units is sold out. */
const SITUATIONS: Situation[] = STATUSES.flatMap((status) =>
  [0, 4].flatMap((availableStock) =>
    [0, 3].flatMap((reservedStock) =>
      [null, 1, 2].flatMap((limitPerUser) =>
        [0, 1, 2].flatMap((owned) =>
          [true, false].flatMap((isSignedIn) =>
            [true, false].map((isCoolingDown) => ({
              drop: { ...DROP, status, availableStock, reservedStock, limitPerUser },
              isSignedIn,
              owned: isSignedIn ? owned : 0,
              isCoolingDown,
            })),
          ),
        ),
      ),
    ),
  ),
).filter(({ drop }) =>
  drop.status === 'live' ? drop.availableStock > 0 : drop.status !== 'sold_out' || drop.availableStock === 0,
);

/** What each offer requires. Exactly one of them applies to each situation. */
const REQUIRED: Record<Offer, (situation: Situation) => boolean> = {
  draft: ({ drop }) => drop.status === 'draft',
  cancelled: ({ drop }) => drop.status === 'cancelled',
  ended: ({ drop }) => drop.status === 'ended',
  paused: ({ drop }) => drop.status === 'paused',
  opens: ({ drop }) => drop.status === 'scheduled',
  'limit-reached': (situation) => isOpen(situation) && isAtLimit(situation),
  'all-held': (situation) => isOpen(situation) && !isAtLimit(situation) && !isFree(situation) && isHeld(situation),
  'sold-out': (situation) => isOpen(situation) && !isAtLimit(situation) && !isFree(situation) && !isHeld(situation),
  'sign-in': (situation) => canReserve(situation) && !situation.isSignedIn,
  wait: (situation) => canReserve(situation) && situation.isSignedIn && situation.isCoolingDown === true,
  reserve: (situation) => canReserve(situation) && situation.isSignedIn && situation.isCoolingDown === false,
};
const isOpen = ({ drop }: Situation) => drop.status === 'live' || drop.status === 'sold_out';
const isAtLimit = ({ drop, owned }: Situation) => drop.limitPerUser !== null && owned >= drop.limitPerUser;
const isFree = ({ drop }: Situation) => drop.availableStock > 0;
const isHeld = ({ drop }: Situation) => drop.reservedStock > 0;
const canReserve = (situation: Situation) => isOpen(situation) && !isAtLimit(situation) && isFree(situation);

describe('the offer of a drop', () => {
  it('is the one whose conditions hold, in every situation', () => {
    const wrong = SITUATIONS.flatMap((situation) => {
      const expected = Object.entries(REQUIRED).flatMap(([offer, holds]) => (holds(situation) ? [offer] : []));
      const offer = offerOf(situation);
      return expected.length === 1 && expected[0] === offer ? [] : [{ situation, expected, offer }];
    });
    expect(wrong).toEqual([]);
  });

  it('covers every offer', () => {
    expect(new Set(SITUATIONS.map(offerOf))).toEqual(new Set(Object.keys(REQUIRED)));
  });
});

describe('the time to buy', () => {
  it.each([
    [10, '10 seconds'],
    [60, '60 seconds'],
    [90, '90 seconds'],
    [120, '2 minutes'],
    [900, '15 minutes'],
  ])('of %i seconds is “%s”', (seconds, words) => {
    expect(timeToBuy(seconds)).toBe(words);
  });
});
