import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerEventPayloads } from '../../../src/realtime/events.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { listenTo } from '../../helpers/sockets.js';
import { withPause } from '../../helpers/without-protection.js';

const DROPS = 3;
const CLIENTS = 20;
/** ms. How long stock moves while clients come and go. */
const DURATION = 2_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const MOVE = `
  UPDATE drops d SET available_stock = available_stock + $2, reserved_stock = reserved_stock - $2 WHERE id = $1
  RETURNING id AS "dropId", available_stock AS "availableStock", reserved_stock AS "reservedStock",
            sold_stock AS "soldStock", total_stock AS "totalStock", version, drop_status(d) AS status`;

interface Heard {
  readonly how: 'event' | 'answer';
  readonly version: number;
}

/** What one client was told of each drop, in the order of arrival. */
type Story = Map<string, Heard[]>;

/** Moves a unit of a drop to and fro until it is told to stop; answers with the number of changes. */
async function keepMoving({ context, database }: TestApp, dropId: string, signal: AbortSignal): Promise<number> {
  let changes = 0;
  for (; !signal.aborted; changes += 1) {
    const { rows } = await database.query<ServerEventPayloads['inventory_update']>(MOVE, [
      dropId,
      changes % 2 === 0 ? -1 : 1,
    ]);
    if (rows[0]) context.publish('inventory_update', rows[0]);
  }
  return changes;
}

/** A client that subscribes and leaves, now to these drops and now to those, now to all. */
async function comeAndGo(
  app: TestApp,
  dropIds: readonly string[],
  seed: number,
  moving: Promise<unknown>,
): Promise<Story> {
  const { socket } = await listenTo(app);
  const story: Story = new Map(dropIds.map((id) => [id, []]));
  const note = (how: Heard['how']) => (picture: { dropId: string; version: number }) => {
    story.get(picture.dropId)?.push({ how, version: picture.version });
  };
  socket.on('inventory_update', note('event'));
  socket.on('drop_update', ({ id, version }) => {
    note('event')({ dropId: id, version });
  });
  const subscribe = (payload: object) =>
    new Promise<void>((resolve) => {
      // In the callback itself: what comes after it must be noted after it.
      socket.emit('drops:subscribe', payload, ({ drops }: { drops: { dropId: string; version: number }[] }) => {
        drops.forEach(note('answer'));
        resolve();
      });
    });
  const end = AbortSignal.timeout(DURATION);
  for (let round = seed; !end.aborted; round += 1) {
    await subscribe(round % 5 === 0 ? {} : { dropIds: [dropIds[round % DROPS], dropIds[(round + 1) % DROPS]] });
    await sleep((round * 7) % 40);
    await socket.emitWithAck('drops:unsubscribe', round % 3 === 0 ? {} : { dropIds: [dropIds[round % DROPS]] });
  }
  await subscribe({ dropIds });
  await moving;
  app.context.broadcaster.flush();
  // An answer comes after all that was sent before it.
  await socket.emitWithAck('drops:unsubscribe', {});
  socket.close();
  return story;
}

/** An event must be newer than all before it; an answer must not be older than anything before it. */
function contradictions(story: Story): string[] {
  return [...story.values()].flatMap((heard) => {
    let highest = 0;
    return heard.flatMap(({ how, version }) => {
      const wrong = how === 'event' ? version <= highest : version < highest;
      const found = wrong ? [`${how} ${version} after ${highest}`] : [];
      highest = Math.max(highest, version);
      return found;
    });
  });
}

async function watchTheRush(prepare: (app: TestApp) => void = () => undefined) {
  // The read takes a moment, in which the stock moves on.
  const PgClient = withPause('FROM (SELECT) AS always', 'FROM (SELECT pg_sleep(0.015)) AS always');
  const app = await startTestApp({ database, PgClient });
  try {
    prepare(app);
    const dropIds = await Promise.all(Array.from({ length: DROPS }, () => app.createDrop()));
    const stop = AbortSignal.timeout(DURATION + 200);
    const moving = Promise.all(dropIds.map((dropId) => keepMoving(app, dropId, stop)));
    const stories = await Promise.all(
      Array.from({ length: CLIENTS }, (_, seed) => comeAndGo(app, dropIds, seed, moving)),
    );
    const changes = await moving;
    PgClient.assertUsed();
    const versions = stories.map((story) => dropIds.map((dropId) => story.get(dropId)?.at(-1)?.version));
    return {
      changes: changes.reduce((sum, count) => sum + count),
      answers: stories.flatMap((story) => [...story.values()].flat()).filter(({ how }) => how === 'answer').length,
      contradictions: stories.flatMap(contradictions),
      versions,
      expected: changes.map((count) => count + 1),
    };
  } finally {
    await app.close();
  }
}

describe('a snapshot and the events around it', () => {
  it('never contradict each other, and at rest everybody has the last picture', async () => {
    const outcome = await watchTheRush();
    expect(outcome.changes).toBeGreaterThan(30);
    expect(outcome.answers).toBeGreaterThan(50);
    expect(outcome.contradictions).toEqual([]);
    for (const versions of outcome.versions) expect(versions).toEqual(outcome.expected);
  });

  it('would, if what was read were answered as it is', async () => {
    const outcome = await watchTheRush(({ context }) => {
      Object.assign(context.broadcaster, {
        catchUp: () => Promise.resolve(),
        newestSent: (picture: object) => picture,
      });
    });
    expect(outcome.contradictions).not.toEqual([]);
  });
});

describe('a change that is announced after a snapshot has shown it', () => {
  /** What a client that follows the drop, and one that just comes, are told of a change that is announced late. */
  async function announceLate(prepare: (app: TestApp) => void = () => undefined) {
    const app = await startTestApp({ database });
    try {
      prepare(app);
      const dropId = await app.createDrop();
      const [there, coming] = await Promise.all([listenTo(app), listenTo(app)]);
      await there.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
      const { rows } = await database.query<ServerEventPayloads['inventory_update']>(MOVE, [dropId, -1]);
      const { drops } = await coming.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
      if (rows[0]) app.context.publish('inventory_update', rows[0]);
      app.context.broadcaster.flush();
      // An answer comes after all that was sent before it.
      await Promise.all([there, coming].map(({ socket }) => socket.emitWithAck('drops:unsubscribe', {})));
      const versions = [there, coming].map((client) => client.heard('inventory_update').map(({ version }) => version));
      for (const client of [there, coming]) client.close();
      return { answered: drops.map(({ version }: { version: number }) => version), versions };
    } finally {
      await app.close();
    }
  }

  it('is not sent again: everybody was sent it before the snapshot', async () => {
    // A new drop is news, too: its first version has not been announced either.
    expect(await announceLate()).toEqual({
      answered: [2],
      versions: [
        [1, 2],
        [1, 2],
      ],
    });
  });

  it('would be, if it were not sent before the snapshot', async () => {
    const outcome = await announceLate(({ context }) => {
      Object.assign(context.broadcaster, { catchUp: () => Promise.resolve() });
    });
    expect(outcome).toEqual({ answered: [2], versions: [[2], [2]] });
  });
});
