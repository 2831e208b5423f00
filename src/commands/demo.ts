import { setMaxListeners } from 'node:events';
import { MultiBar, Presets } from 'cli-progress';
import { createTokens } from '../lib/auth/tokens.js';
import { createDisposalStack } from '../lib/process/disposal-stack.js';
import { loadConfig } from '../lib/config/index.js';
import { openDatabase } from '../lib/db/database.js';
import { withApplicationName } from '../lib/db/session-settings.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { createApi } from './demo/api.js';
import { runBuyer } from './demo/buyer.js';
import { clearFormerDrops, DEMO_DROP_NAME } from './demo/former-drops.js';
import { runOrganiser } from './demo/organiser.js';
import { createParticipants } from './demo/participants.js';
import { watchStock, type LiveStock } from './demo/live-stock.js';
import { createRunCounters, summarize, type RunCounters } from './demo/summary.js';
import { openTarget } from './demo/target.js';
import { CommandError, runCommand } from './run-command.js';

const BUYERS = 500;
const UNITS = 50;
/** Short, so that holds expire within the demo. */
const HOLD_SECONDS = 10;
/** The share of the first buyers that let their hold expire. */
const EXPIRING_SHARE = 0.3;
/** The time for the last snapshots to arrive. The worker sweeps and the broadcaster sends within a second. */
const SETTLE_TIMEOUT_MS = 2_000;
const REFRESH_INTERVAL_MS = 100;
/** Between two lines if the output is no terminal. */
const LINE_INTERVAL_MS = 5_000;
/** The longest run, in durations of a hold. */
const MAX_HOLD_DURATIONS = 3;

// npm run demo: 500 buyers reserve one drop of 50 units at the same moment, while its organiser restocks and pauses it. Exits with 1
// if a check fails.
await runCommand(async (interrupted) => {
  const config = loadConfig();
  if (config.env === 'production')
    throw new CommandError('The demo creates buyers in the database: it is refused in production.');
  const logger = createLogger(
    { logLevel: 'warn' },
    { destination: process.stdout.isTTY ? await prettyDestination() : undefined },
  );
  const disposal = createDisposalStack(logger);
  try {
    print(`\n  The rush: ${BUYERS} buyers, one drop of ${UNITS}, with holds of ${HOLD_SECONDS} s.`);
    const target = await openTarget(config, logger);
    disposal.add('the service', () => target.close());
    print(`  Against ${target.description}.\n`);

    const { db, close } = openDatabase(withApplicationName(target.databaseUrl, 'drop-inventory demo'), { logger });
    disposal.add('the database', close);
    const participants = await createParticipants(
      db,
      createTokens(target.jwtSecret, config.jwt.expiresInSeconds),
      BUYERS,
    );
    disposal.add('the participants', () => participants.remove());

    const api = createApi(target.url);
    await clearFormerDrops(db, api, participants.organiser);
    const created = await api.post('/api/drops', participants.organiser.token, {
      name: DEMO_DROP_NAME,
      description: `Made by npm run demo: ${BUYERS} simulated buyers want one of ${UNITS} units.`,
      imageUrl: '/images/console.svg',
      price: '150.00',
      totalStock: UNITS,
      holdSeconds: HOLD_SECONDS,
    });
    const dropId = (created.body.data as { id: string } | undefined)?.id;
    if (created.status !== 201 || !dropId) {
      throw new CommandError(
        `The service refuses the organiser of the demo (${created.status} ${created.body.code ?? ''}): it may use another database`,
      );
    }
    // It stays in the list as a drop that has ended, until the next run removes it.
    disposal.add('the drop', async () => {
      await api.post(`/api/drops/${dropId}/end`, participants.organiser.token, { reason: 'The demo is over' });
    });
    const stock = await watchStock(target.url, dropId);
    disposal.add('the live stock', () => {
      stock.close();
    });

    const counters = createRunCounters();
    const view = showRush(stock, counters, UNITS);
    const timeout = AbortSignal.timeout(MAX_HOLD_DURATIONS * HOLD_SECONDS * 1000 + SETTLE_TIMEOUT_MS);
    const signal = AbortSignal.any([interrupted, timeout]);
    setMaxListeners(0, signal);
    // Only the first holds may expire: units that are reclaimed later are bought, so that the run ends.
    const expires = () => counters.holds < UNITS && Math.random() < EXPIRING_SHARE;
    const run = { api, dropId, stock, counters, signal };
    const [pause] = await Promise.all([
      runOrganiser(participants.organiser, run),
      ...participants.buyers.map((buyer) => runBuyer(buyer, expires, run)),
    ]);
    await stock.until(({ reservedStock }) => reservedStock === 0, AbortSignal.timeout(SETTLE_TIMEOUT_MS));
    view.close();
    interrupted.throwIfAborted();

    const { text, ok } = await summarize({
      db,
      api,
      dropId,
      organiser: participants.organiser,
      pause,
      units: UNITS,
      stock,
      counters,
    });
    print(text);
    if (!ok) throw new CommandError('A check has failed: see above.');
  } finally {
    await disposal.closeAll();
  }
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows progress bars of the units sold, held and available, from the live feed, and the counters of the buyers. */
function showRush(stock: LiveStock, counters: RunCounters, units: number): { close: () => void } {
  const bars = new MultiBar(
    { hideCursor: true, noTTYOutput: true, notTTYSchedule: LINE_INTERVAL_MS, linewrap: false, gracefulExit: false },
    Presets.shades_classic,
  );
  const bar = (name: string) =>
    bars.create(units, 0, {}, { format: `  ${name.padEnd(5)} {bar} {value}/{total}`, barsize: 50 });
  const [sold, held, free] = [bar('sold'), bar('held'), bar('free')];
  const line = bars.create(1, 0, {}, { format: '  {line}' });

  const refresh = () => {
    const { soldStock = 0, reservedStock = 0, availableStock = units, totalStock = units, status } = stock.newest ?? {};
    for (const each of [sold, held, free]) each.setTotal(totalStock);
    sold.update(soldStock);
    held.update(reservedStock);
    free.update(availableStock);
    const { latenciesMs, soldOutResponses, expired, waiting } = counters;
    line.update(0, {
      line: `${latenciesMs.length} attempts, ${soldOutResponses} times sold out, ${expired} expired, ${waiting} waiting${status === 'paused' ? ', paused' : ''}`,
    });
  };
  refresh();
  const timer = setInterval(refresh, REFRESH_INTERVAL_MS);
  return {
    close() {
      clearInterval(timer);
      refresh();
      bars.stop();
    },
  };
}
