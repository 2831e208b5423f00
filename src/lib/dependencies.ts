import type { Authentication } from './auth/authenticate.js';
import type { Passwords } from './auth/passwords.js';
import type { Tokens } from './auth/tokens.js';
import type { Config } from './config/index.js';
import type { Database } from './db/database.js';
import type { Answer } from './http/send.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { TtlCache } from './ttl-cache.js';
import type { Readiness } from './readiness.js';
import type { DropBatches } from '../inventory/stock-batches.js';
import type { ReservationOwnerLoader } from '../inventory/reservation-loader.js';

/** The long-lived things that features are built from; the context makes each of them once. */
export interface Dependencies {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly db: Database;
  readonly dropBatches: DropBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  /** Pages of the list of drops, as they are sent. */
  readonly dropLists: TtlCache<Answer>;
  readonly tokens: Tokens;
  readonly authentication: Authentication;
  readonly passwords: Passwords;
  readonly readiness: Readiness;
}
