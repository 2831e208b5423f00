import type pg from 'pg';
import type { Config } from '../lib/config/index.js';
import type { Logger } from '../lib/logger.js';
import { assertNoDefaultAccounts } from './default-accounts.js';
import { describeSeedReport, isEmptyDatabase, seedDemoData } from './seed-demo-data.js';

/**
 * What happens to the data at every start, under the migrations' lock: an empty database gets the demo data in development,
 * and production refuses to start with its accounts.
 */
export function prepareData(config: Pick<Config, 'env' | 'seed'>, logger: Logger) {
  return async (client: pg.Client): Promise<void> => {
    if (config.env === 'production') await assertNoDefaultAccounts(client);
    if (config.seed && (await isEmptyDatabase(client))) logger.info(describeSeedReport(await seedDemoData(client)));
  };
}
