import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { count, race, tally, times, under, withoutLock } from './support.js';

const REQUESTS = 20;
/** The second line: at most one active hold a user and drop. */
const WITHOUT_ONE_HOLD = 'DROP INDEX reservations_active_user_id_drop_id_key';
const WITHOUT_ONE_KEY = 'DROP INDEX reservations_user_id_idempotency_key_key';

describe('one user who reserves at once, again and again', () => {
  async function reserveTwentyTimes(app: TestApp, key?: string) {
    const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 50 }), app.createUser()]);
    const answers = await race(app, dropId, () => times(REQUESTS, () => app.reserve(user, dropId, key)));
    return {
      answers: tally(answers),
      shown: new Set(answers.map(({ body }) => (body.data ?? body).reservation?.id)).size,
      holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
      mismatches: await app.mismatches(),
    };
  }

  it('gets one hold, and is shown that one where it is refused', async () => {
    expect(await under({}, (app) => reserveTwentyTimes(app))).toEqual({
      answers: { '201': 1, '409 already-reserved': REQUESTS - 1 },
      shown: 1,
      holds: 1,
      mismatches: [],
    });
  });

  it('gets the one hold as every answer, if the requests share a key', async () => {
    expect(await under({}, (app) => reserveTwentyTimes(app, 'one-order'))).toEqual({
      answers: { '201': REQUESTS },
      shown: 1,
      holds: 1,
      mismatches: [],
    });
  });

  it.for([undefined, 'one-order'])('gets many without the lock and the unique indexes (key: %s)', async (key) => {
    const { holds, shown } = await under(
      { PgClient: withoutLock(), without: [WITHOUT_ONE_HOLD, WITHOUT_ONE_KEY] },
      (app) => reserveTwentyTimes(app, key),
    );
    expect(holds).toBeGreaterThan(1);
    expect(shown).toBeGreaterThan(1);
  });

  it('still gets one with the unique index alone', async () => {
    const { answers, holds, mismatches } = await under({ PgClient: withoutLock() }, (app) => reserveTwentyTimes(app));
    expect({ granted: answers['201'], holds, mismatches }).toEqual({ granted: 1, holds: 1, mismatches: [] });
    expect(answers['500 internal-error']).toBeGreaterThan(0);
  });
});

describe('one user, a limit, and many windows that reserve and buy', () => {
  const LIMIT = 2;
  const WINDOWS = 10;
  const ROUNDS = 3;

  /** Each window reserves, or takes the hold it is shown, and buys that. */
  async function buyInManyWindows(app: TestApp) {
    const [dropId, user] = await Promise.all([
      app.createDrop({ total_stock: 50, limit_per_user: LIMIT }),
      app.createUser(),
    ]);
    const windows = await race(app, dropId, () =>
      times(WINDOWS, async () => {
        const answers = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const reserved = await app.reserve(user, dropId);
          const hold = (reserved.body.data ?? reserved.body).reservation;
          answers.push(reserved, ...(hold ? [await app.purchase(user, hold.id)] : []));
        }
        return answers;
      }),
    );
    return {
      answers: Object.keys(tally(windows.flat())).sort(),
      bought: await count(app, 'SELECT count(*) FROM purchases'),
      holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
      mismatches: await app.mismatches(),
    };
  }

  it('gets no more than the limit', async () => {
    const { answers, ...rest } = await under({}, buyInManyWindows);
    expect(rest).toEqual({ bought: LIMIT, holds: 0, mismatches: [] });
    expect(['201', '409 already-reserved', '409 limit-reached', '410 reservation-settled']).toEqual(
      expect.arrayContaining(answers),
    );
    expect(answers).toContain('409 limit-reached');
  });

  it('gets more without the lock and the unique index', async () => {
    const { bought } = await under({ PgClient: withoutLock(), without: [WITHOUT_ONE_HOLD] }, buyInManyWindows);
    expect(bought).toBeGreaterThan(LIMIT);
  });
});
