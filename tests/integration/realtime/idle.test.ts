import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';
import { recordedStatements } from '../../helpers/statements.js';

/** Less than the ledger poller sleeps without sockets. */
const SOON_MS = 10_000;

const PgClient = recordedStatements();
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ pollLedger: true, PgClient });
});
afterAll(() => app.close());

const countPolls = () => PgClient.take().filter(({ text }) => text.includes('"startedOrEnded"')).length;

async function untilIdle(): Promise<void> {
  await until('the sockets to be gone', () => app.context.metrics.registry.getSingleMetricAsString('socket_connections').then((text) => / 0$/m.test(text))); // prettier-ignore
  do countPolls();
  while ((await sleep(1_500), countPolls() > 0));
}

/** Connects after a pause without sockets, runs `change`, and waits for the event. Returns the time in milliseconds. */
async function timeToReceive(
  change: (listener: Listener) => Promise<unknown>,
  isReceived: (listener: Listener) => boolean,
) {
  await untilIdle();
  const listener = await listenTo(app);
  const startedAt = performance.now();
  await change(listener);
  await until('the event', () => isReceived(listener));
  listener.close();
  return performance.now() - startedAt;
}

/** A drop that was created while no socket was connected is published as new. */
const detailsOf = ({ received }: Listener, dropId: string) =>
  [...received('new_drop'), ...received('drop_update')].filter(({ id }) => id === dropId);

const rename = (dropId: string, name: string) =>
  app.database.query('UPDATE drops SET name = $2 WHERE id = $1', [dropId, name]);

it('without sockets, the ledger poller sleeps for seconds', async () => {
  await untilIdle();
  await sleep(5_000);
  expect(countPolls()).toBeLessThanOrEqual(1);
});

it('a socket that connects receives each later change of another session at once', async () => {
  const dropId = await app.createDrop();
  const ms = await timeToReceive(
    () => rename(dropId, 'Renamed'),
    (listener) => detailsOf(listener, dropId).some(({ name }) => name === 'Renamed'),
  );
  expect(ms).toBeLessThan(SOON_MS);
});

it('a start that is reached after it has connected is published on time', async () => {
  const startsAt = new Date(Date.now() + 8_000);
  const dropId = await app.createDrop({ drop_starts_at: startsAt });
  const ms = await timeToReceive(
    () => Promise.resolve(),
    (listener) => detailsOf(listener, dropId).some(({ status }) => status === 'live'),
  );
  expect(ms).toBeLessThan(SOON_MS + 8_000);
});
