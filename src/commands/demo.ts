import { setMaxListeners } from 'node:events';
import { createTokens } from '../lib/auth/tokens.js';
import { createDisposalStack } from '../lib/disposal-stack.js';
import { loadConfig } from '../lib/config/index.js';
import { openDatabase } from '../lib/db/database.js';
import { createLogger } from '../lib/logger.js';
import { createApi } from './demo/api.js';
import { playBuyer } from './demo/buyer.js';
import { gatherCast } from './demo/cast.js';
import { watchStock } from './demo/live-stock.js';
import { summarize } from './demo/summary.js';
import { createTally } from './demo/request-counts.js';
import { openTarget } from './demo/target.js';
import { showRush } from './demo/view.js';
import { CommandError, runCommand } from './run-command.js';

const BUYERS = 500;
const UNITS = 50;
/** Of those who are served first, how many let their hold lapse. */
const LAPSING = 0.3;
/** ms. How long the last pictures may take to arrive; the worker sweeps and the broadcaster sends within a second. */
const SETTLING = 2_000;
/** How many lives of a hold the whole run may take. */
const MAX_LIFETIMES = 3;

/** `npm run demo`: 500 buyers, one drop of 50, all at the same moment. Exits with 1 if anything is not as it must be. */
await runCommand(async (interrupted) => {
  const config = loadConfig();
  if (config.env === 'production') throw new CommandError('The demo makes buyers in the database: not in production.');
  const logger = createLogger({ logLevel: 'warn' }, { pretty: process.stdout.isTTY });
  const closers = createDisposalStack(logger);
  try {
    say(`\n  The rush: ${BUYERS} buyers, one drop of ${UNITS}.`);
    const target = await openTarget(config, logger);
    closers.add('the service', () => target.close());
    say(`  Against ${target.description}.\n`);

    const { db, close } = openDatabase(target.databaseUrl, { logger });
    closers.add('the database', close);
    const cast = await gatherCast(db, createTokens(target.jwtSecret, config.jwt.expiresInSeconds), BUYERS);
    closers.add('the cast', () => cast.leave());

    const api = createApi(target.url);
    const created = await api.post('/api/drops', cast.admin.token, {
      name: 'The rush',
      price: '150.00',
      totalStock: UNITS,
    });
    const dropId = created.body.data?.id;
    if (created.status !== 201 || !dropId) {
      throw new CommandError(
        `The service does not take our admin (${created.status} ${created.body.code ?? ''}): is it on another database?`,
      );
    }
    const stock = await watchStock(target.url, dropId);
    closers.add('the live stock', () => {
      stock.close();
    });

    const tally = createTally();
    const view = showRush(stock, tally, UNITS);
    const timeout = AbortSignal.timeout(MAX_LIFETIMES * target.holdSeconds * 1000 + SETTLING);
    const signal = AbortSignal.any([interrupted, timeout]);
    setMaxListeners(0, signal);
    // Only who is among the first may lapse: units that come back late are bought, and the rush ends.
    const lapsing = () => tally.holds < UNITS && Math.random() < LAPSING;
    await Promise.all(cast.buyers.map((buyer) => playBuyer(buyer, lapsing, { api, dropId, stock, tally, signal })));
    await stock.until(({ reservedStock }) => reservedStock === 0, AbortSignal.timeout(SETTLING));
    view.close();
    interrupted.throwIfAborted();

    const { text, ok } = await summarize({ db, dropId, units: UNITS, stock, tally });
    say(text);
    if (!ok) throw new CommandError('Something is off: see above.');
  } finally {
    await closers.closeAll();
  }
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
