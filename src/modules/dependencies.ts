import type { Authentication } from '../lib/auth/authenticate.js';
import type { Passwords } from '../lib/auth/passwords.js';
import type { Tokens } from '../lib/auth/tokens.js';
import type { Config } from '../lib/config/index.js';
import type { Database } from '../lib/db/database.js';
import type { Answer } from '../lib/http/send.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { TtlCache } from '../lib/ttl-cache.js';
import type { Readiness } from '../lib/readiness.js';
import type { InventoryMetrics } from '../inventory/inventory.metrics.js';
import type { DropBatches } from '../inventory/stock-batches.js';
import type { ReservationOwnerLoader } from '../inventory/reservation-loader.js';

/** The long-lived things that features are built from; the context makes each of them once. */
export interface Dependencies {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics & InventoryMetrics;
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
