import { expect, it } from 'vitest';
import { startTestApp } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';
import { until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { dropWithOverdueHolds, holdsOf, releasesOf } from './support.js';

/** As many expiries as one window publishes to all clients. */
const HOLDS = 10;

interface SweepOptions {
  readonly drops: number;
  readonly PgClient?: RewritingClient;
  readonly removedProtections?: readonly string[];
  /** The number of workers that wait for the holds at the same moment. */
  readonly lockedWorkers: number;
}

/** Lets two services sweep the same holds, which are locked until `lockedWorkers` workers wait for them. */
async function sweepTwice({ drops, PgClient, removedProtections = [], lockedWorkers }: SweepOptions) {
  const database = await createTestDatabase();
  for (const sql of removedProtections) await database.query(sql);
  const apps = await Promise.all([1, 2].map(() => startTestApp({ database, ...(PgClient && { PgClient }) })));
  const [app] = apps;
  if (!app) throw new Error('two services');
  try {
    const listeners = await Promise.all(apps.map((each) => listenTo(each)));
    const dropIds = await Promise.all(Array.from({ length: drops }, () => dropWithOverdueHolds(app, HOLDS)));
    await whileLocked(database, { sql: 'SELECT FROM reservations FOR UPDATE', params: [] }, async ({ unlock }) => {
      for (const { context } of apps) context.worker.start();
      await untilWaiting(database, lockedWorkers);
      await unlock();
    });
    await until('all holds to expire', async () => (await holdsOf(app)).expired === drops * HOLDS);
    await Promise.all(apps.map(({ context }) => context.worker.stop()));
    await Promise.all(apps.map((each, index) => receivedAll(each, ...listeners.slice(index, index + 1))));
    // Without Redis and the ledger poller, each process publishes only its own expiries, to its own clients.
    const published = listeners.flatMap((listener) => listener.received('reservation_update'));
    for (const listener of listeners) listener.close();
    PgClient?.assertUsed();
    return {
      published: published.length,
      holds: new Set(published.map(({ reservationId }) => reservationId)).size,
      releases: await Promise.all(dropIds.map((dropId) => releasesOf(app, dropId))),
      mismatches: await app.mismatches(),
    };
  } finally {
    await Promise.all(apps.map((each) => each.close()));
    await database.drop();
  }
}

it('two workers expire and publish each hold once', async () => {
  expect(await sweepTwice({ drops: 6, lockedWorkers: 2 })).toEqual({
    published: 6 * HOLDS,
    holds: 6 * HOLDS,
    releases: Array.from({ length: 6 }, () => [HOLDS]),
    mismatches: [],
  });
});

it('control: without the lock and the condition on the state, two workers expire each hold twice', async () => {
  const withoutLock = withoutProtection(/ FOR UPDATE( SKIP LOCKED)?/, '');
  const { published, holds, mismatches } = await sweepTwice({
    drops: 1,
    lockedWorkers: 2,
    PgClient: withoutProtection("AND r.status::text = 'active'", '', withoutLock),
    // The database's own protections: no second settlement, and no negative count of reserved units.
    removedProtections: [
      'DROP TRIGGER reservations_before_write ON reservations',
      'ALTER TABLE reservations DROP CONSTRAINT reservations_settled_when_not_active',
      'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
    ],
  });
  expect(holds).toBe(HOLDS);
  expect(published).toBe(2 * HOLDS);
  expect(mismatches).not.toEqual([]);
});
