import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerEventPayloads } from '../../../src/realtime/events.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { listenTo } from '../../helpers/sockets.js';
import { withPause } from '../../helpers/without-protection.js';

const DROPS = 3;
const CLIENTS = 20;
/** How long stock changes while clients subscribe and unsubscribe. */
const DURATION_MS = 2_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const CHANGE_STOCK = `
  UPDATE drops d SET available_stock = available_stock + $2, reserved_stock = reserved_stock - $2 WHERE id = $1
  RETURNING id AS "dropId", available_stock AS "availableStock", reserved_stock AS "reservedStock",
            sold_stock AS "soldStock", total_stock AS "totalStock", version, drop_status(d) AS status`;

interface Received {
  readonly source: 'event' | 'acknowledgement';
  readonly version: number;
}

/** The snapshots that one client received, by drop, in order. */
type History = Map<string, Received[]>;

/** Moves a unit of a drop back and forth until the signal is aborted. Returns the number of changes. */
async function changeRepeatedly({ context, database }: TestApp, dropId: string, signal: AbortSignal): Promise<number> {
  let changes = 0;
  for (; !signal.aborted; changes += 1) {
    const { rows } = await database.query<ServerEventPayloads['inventory_update']>(CHANGE_STOCK, [
      dropId,
      changes % 2 === 0 ? -1 : 1,
    ]);
    if (rows[0]) context.publish('inventory_update', rows[0]);
  }
  return changes;
}

/** Runs a client that repeatedly subscribes, to some or all drops, and unsubscribes. */
async function subscribeRepeatedly(
  app: TestApp,
  dropIds: readonly string[],
  seed: number,
  changing: Promise<unknown>,
): Promise<History> {
  const { socket } = await listenTo(app);
  const history: History = new Map(dropIds.map((id) => [id, []]));
  const record = (source: Received['source']) => (snapshot: { dropId: string; version: number }) => {
    history.get(snapshot.dropId)?.push({ source, version: snapshot.version });
  };
  socket.on('inventory_update', record('event'));
  socket.on('drop_update', ({ id, version }) => {
    record('event')({ dropId: id, version });
  });
  const subscribe = (payload: object) =>
    new Promise<void>((resolve) => {
      // Recorded in the callback itself, before any later event.
      socket.emit('drops:subscribe', payload, ({ drops }: { drops: { dropId: string; version: number }[] }) => {
        drops.forEach(record('acknowledgement'));
        resolve();
      });
    });
  const end = AbortSignal.timeout(DURATION_MS);
  for (let round = seed; !end.aborted; round += 1) {
    await subscribe(round % 5 === 0 ? {} : { dropIds: [dropIds[round % DROPS], dropIds[(round + 1) % DROPS]] });
    await sleep((round * 7) % 40);
    await socket.emitWithAck('drops:unsubscribe', round % 3 === 0 ? {} : { dropIds: [dropIds[round % DROPS]] });
  }
  await subscribe({ dropIds });
  await changing;
  app.context.broadcaster.flush();
  // The acknowledgement arrives after everything that was sent before it.
  await socket.emitWithAck('drops:unsubscribe', {});
  socket.close();
  return history;
}

/** Finds the events that are not newer than all before them, and the acknowledgements that are older than one before them. */
function contradictions(history: History): string[] {
  return [...history.values()].flatMap((received) => {
    let highest = 0;
    return received.flatMap(({ source, version }) => {
      const wrong = source === 'event' ? version <= highest : version < highest;
      const found = wrong ? [`${source} ${version} after ${highest}`] : [];
      highest = Math.max(highest, version);
      return found;
    });
  });
}

async function runClients(prepare: (app: TestApp) => void = () => undefined) {
  // A slow read, during which the stock changes.
  const PgClient = withPause('FROM (SELECT) AS always', 'FROM (SELECT pg_sleep(0.015)) AS always');
  const app = await startTestApp({ database, PgClient });
  try {
    prepare(app);
    const dropIds = await Promise.all(Array.from({ length: DROPS }, () => app.createDrop()));
    const stop = AbortSignal.timeout(DURATION_MS + 200);
    const changing = Promise.all(dropIds.map((dropId) => changeRepeatedly(app, dropId, stop)));
    const histories = await Promise.all(
      Array.from({ length: CLIENTS }, (_, seed) => subscribeRepeatedly(app, dropIds, seed, changing)),
    );
    const changes = await changing;
    PgClient.assertUsed();
    const versions = histories.map((history) => dropIds.map((dropId) => history.get(dropId)?.at(-1)?.version));
    return {
      changes: changes.reduce((sum, count) => sum + count),
      acknowledgements: histories
        .flatMap((history) => [...history.values()].flat())
        .filter(({ source }) => source === 'acknowledgement').length,
      contradictions: histories.flatMap(contradictions),
      versions,
      expected: changes.map((count) => count + 1),
    };
  } finally {
    await app.close();
  }
}

describe('a snapshot and the events around it', () => {
  it('never contradict each other, and all clients end with the last snapshot', async () => {
    const outcome = await runClients();
    expect(outcome.changes).toBeGreaterThan(30);
    expect(outcome.acknowledgements).toBeGreaterThan(50);
    expect(outcome.contradictions).toEqual([]);
    for (const versions of outcome.versions) expect(versions).toEqual(outcome.expected);
  });

  it('would contradict each other if the acknowledgement were the read result', async () => {
    const outcome = await runClients(({ context }) => {
      Object.assign(context.broadcaster, {
        publishNewer: () => Promise.resolve(),
        newestSent: (loaded: object) => loaded,
      });
    });
    expect(outcome.contradictions).not.toEqual([]);
  });
});

describe('a change that is published after a snapshot contained it', () => {
  /** The versions that a follower and a new follower receive of a change that is published late. */
  async function publishLate(prepare: (app: TestApp) => void = () => undefined) {
    const app = await startTestApp({ database });
    try {
      prepare(app);
      const dropId = await app.createDrop();
      const [follower, newFollower] = await Promise.all([listenTo(app), listenTo(app)]);
      await follower.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
      const { rows } = await database.query<ServerEventPayloads['inventory_update']>(CHANGE_STOCK, [dropId, -1]);
      const { drops } = await newFollower.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
      if (rows[0]) app.context.publish('inventory_update', rows[0]);
      app.context.broadcaster.flush();
      // The acknowledgement arrives after everything that was sent before it.
      await Promise.all([follower, newFollower].map(({ socket }) => socket.emitWithAck('drops:unsubscribe', {})));
      const versions = [follower, newFollower].map((client) =>
        client.received('inventory_update').map(({ version }) => version),
      );
      for (const client of [follower, newFollower]) client.close();
      return { acknowledged: drops.map(({ version }: { version: number }) => version), versions };
    } finally {
      await app.close();
    }
  }

  it('is not sent again, because all followers received it before the snapshot', async () => {
    // The first version of the drop has not been published either.
    expect(await publishLate()).toEqual({
      acknowledged: [2],
      versions: [
        [1, 2],
        [1, 2],
      ],
    });
  });

  it('would be sent again if followers did not receive it before the snapshot', async () => {
    const outcome = await publishLate(({ context }) => {
      Object.assign(context.broadcaster, { publishNewer: () => Promise.resolve() });
    });
    expect(outcome).toEqual({ acknowledged: [2], versions: [[2], [2]] });
  });
});
