import type { Response } from 'supertest';
import { describe, expect, it } from 'vitest';
import type { TestApp, TestUser } from '../../helpers/app.js';
import { as } from '../http/support.js';
import {
  ACTIVE_HOLD_CONDITION,
  count,
  countResponses,
  holdOf,
  race,
  stockOf,
  withoutLock,
  withServices,
} from './support.js';
import { withoutProtection } from '../../helpers/without-protection.js';

const HOLDS = 60;

interface Rush {
  readonly app: TestApp;
  readonly services: readonly TestApp[];
  readonly dropId: string;
  readonly admin: TestUser;
  readonly owners: readonly TestUser[];
  readonly holds: readonly string[];
}

type Opponent = (rush: Rush, index: number) => PromiseLike<Response>;

const OPPONENTS: Readonly<Record<string, Opponent>> = {
  'the purchase by its owner': ({ app, owners, holds }, index) =>
    app.purchase(owners[index] as TestUser, holds[index] ?? ''),
  'the release by its owner': ({ app, owners, holds }, index) =>
    app.release(owners[index] as TestUser, holds[index] ?? ''),
};

/** A drop of which each unit is held by another user, and an admin. */
async function createRush(app: TestApp, services: readonly TestApp[]): Promise<Rush> {
  const [dropId, admin, owners] = await Promise.all([
    app.createDrop({ total_stock: HOLDS }),
    app.createUser('admin'),
    app.createUsers(HOLDS),
  ]);
  const holds: string[] = [];
  for (const owner of owners) holds.push(await holdOf(app, owner, dropId));
  return { app, services, dropId, admin, owners, holds };
}

/** Releases each hold by an admin at the same moment as the other request for it. */
async function releaseDuring(app: TestApp, services: readonly TestApp[], opponent: Opponent) {
  const rush = await createRush(app, services);
  const { dropId, holds } = rush;
  const [releases, others] = await race(app, dropId, () =>
    Promise.all([
      Promise.all(holds.map((id, index) => releaseByAdmin(rush, id, index))),
      Promise.all(holds.map((_id, index) => opponent(rush, index))),
    ]),
  );
  return { ...(await outcomeOf(rush)), releases: countResponses(releases), others: countResponses(others) };
}

function releaseByAdmin({ app, services, admin }: Rush, id: string, index: number) {
  const { http } = services[index % services.length] ?? app;
  return as(admin, http.delete(`/api/admin/reservations/${id}`)).send({ reason: 'Raced' });
}

async function outcomeOf({ app, dropId, admin }: Rush) {
  return {
    byAdmin: await count(
      app,
      `SELECT count(*) FROM stock_movements WHERE drop_id = $1 AND cause = 'release' AND actor_id = $2`,
      [dropId, admin.id],
    ),
    releasedUnits: await count(app, 'SELECT sum(released_units) AS count FROM stock_movements WHERE drop_id = $1', [
      dropId,
    ]),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

describe('60 releases by an admin at the same moment as', () => {
  it('the purchases by their owners: each hold is released or bought', async () => {
    const outcome = await withServices({}, (app, services) =>
      releaseDuring(app, services, OPPONENTS['the purchase by its owner'] as Opponent),
    );
    const sold = outcome.others['201'] ?? 0;
    expect(outcome).toMatchObject({
      byAdmin: HOLDS - sold,
      releasedUnits: HOLDS - sold,
      stock: { available: HOLDS - sold, reserved: 0, sold },
      mismatches: [],
    });
    expect(outcome.releases).toEqual({
      ...(sold < HOLDS && { '200': HOLDS - sold }),
      ...(sold > 0 && { '410 reservation-settled': sold }),
    });
  });

  it('the releases by their owners: each hold is released once', async () => {
    const outcome = await withServices({}, (app, services) =>
      releaseDuring(app, services, OPPONENTS['the release by its owner'] as Opponent),
    );
    expect(outcome).toMatchObject({
      releasedUnits: HOLDS,
      stock: { available: HOLDS, reserved: 0, sold: 0 },
      releases: { '200': HOLDS },
      others: { '200': HOLDS },
      mismatches: [],
    });
    expect(outcome.byAdmin).toBeLessThanOrEqual(HOLDS);
  });

  it('a sweep of the overdue ones: each hold ends once', async () => {
    await withServices({}, async (app, services) => {
      const rush = await createRush(app, services);
      const { dropId, holds } = rush;
      for (const reservationId of holds.slice(HOLDS / 2)) await app.expireHolds({ reservationId });
      const [responses] = await race(app, dropId, () =>
        Promise.all([
          Promise.all(holds.map((id, index) => releaseByAdmin(rush, id, index))),
          ...services.map(({ context }) => context.worker.runOnce()),
        ]),
      );
      expect(countResponses(responses)).toEqual({ '200': HOLDS / 2, '410 reservation-expired': HOLDS / 2 });
      expect(await outcomeOf(rush)).toEqual({
        byAdmin: HOLDS / 2,
        releasedUnits: HOLDS / 2,
        stock: { available: HOLDS, reserved: 0, sold: 0 },
        mismatches: [],
      });
    });
  });

  it('the cancellation of the drop: each hold is released once', async () => {
    await withServices({}, async (app, services) => {
      const cancel = (rush: Rush, index: number) =>
        index === 0
          ? as(rush.admin, app.http.post(`/api/drops/${rush.dropId}/cancel`))
          : app.release(rush.owners[index] as TestUser, rush.holds[index] ?? '');
      const outcome = await releaseDuring(app, services, cancel);
      expect(outcome).toMatchObject({
        releasedUnits: HOLDS,
        stock: { available: HOLDS, reserved: 0, sold: 0 },
        releases: { '200': HOLDS },
        others: { '200': HOLDS },
        mismatches: [],
      });
    });
  });

  it('control: without the lock and the condition under it, units are released that were sold', async () => {
    const outcome = await withServices(
      {
        PgClient: withoutProtection(ACTIVE_HOLD_CONDITION, '', withoutLock()),
        removedProtections: [
          'DROP TRIGGER reservations_before_write ON reservations',
          'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
        ],
      },
      (app, services) => releaseDuring(app, services, OPPONENTS['the purchase by its owner'] as Opponent),
    );
    expect(outcome.releasedUnits + outcome.stock.sold).toBeGreaterThan(HOLDS);
    expect(outcome.mismatches).not.toEqual([]);
  });
});
