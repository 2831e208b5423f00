import type { InventoryMetrics } from '../inventory/inventory.metrics.js';
import type { HoldReleases } from '../inventory/hold-releases.js';
import type { ReservationOwnerLoader } from '../inventory/queries/reservation-owner.queries.js';
import type { StockBatches, StockTransactions } from '../inventory/stock-transaction.js';
import type { Authentication } from '../lib/auth/authenticate.js';
import type { PasswordChecks } from '../lib/auth/password-checks.js';
import type { PasswordQueue } from '../lib/auth/password-queue.js';
import type { PasswordRules } from '../lib/auth/password-rules.js';
import type { Passwords } from '../lib/auth/passwords.js';
import type { Tokens } from '../lib/auth/tokens.js';
import type { Config } from '../lib/config/index.js';
import type { Database } from '../lib/db/database.js';
import type { Logger } from '../lib/logger.js';
import type { Route } from '../lib/http/define-route.js';
import type { Metrics } from '../lib/metrics.js';
import type { Publish } from '../lib/publish.js';
import { accountRoutes } from './accounts/accounts.route.js';
import { createAccountsService } from './accounts/accounts.service.js';
import { createExportService } from './accounts/export.service.js';
import { authRoutes } from './auth/auth.route.js';
import { createAuthService } from './auth/auth.service.js';
import { customerRoutes } from './customers/customers.route.js';
import { createCustomersService } from './customers/customers.service.js';
import { dropChangeRoutes } from './drops/changes.route.js';
import { dropRoutes, type DropCaches } from './drops/drops.route.js';
import type { DropEvents } from './drops/drops.schema.js';
import { createDropChangesService } from './drops/changes.service.js';
import { createDropsService } from './drops/drops.service.js';
import { dropStatsRoutes, type DropStatsCache } from './drop-stats/drop-stats.route.js';
import { createDropStatsService } from './drop-stats/drop-stats.service.js';
import { healthRoutes } from './health/health.route.js';
import { createHealthService, type Readiness } from './health/health.service.js';
import { purchaseRoutes } from './purchases/purchases.route.js';
import type { PurchaseEvents } from './purchases/purchases.schema.js';
import { createPurchasesService } from './purchases/purchases.service.js';
import { reservationRoutes } from './reservations/reservations.route.js';
import { createReservationsService, type CountRefusal } from './reservations/reservations.service.js';
import { stockRoutes } from './stock/stock.route.js';
import { createStockService } from './stock/stock.service.js';

export interface ServiceDependencies {
  readonly config: Config;
  readonly db: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly stockTransactions: StockTransactions;
  readonly stockBatches: StockBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  readonly holdReleases: HoldReleases;
  readonly authentication: Authentication;
  readonly passwords: Passwords;
  readonly passwordRules: PasswordRules;
  readonly passwordChecks: PasswordChecks;
  readonly registrationQueue: PasswordQueue;
  readonly tokens: Tokens;
  readonly countRefusal: CountRefusal;
  readonly readiness: Readiness;
  readonly publish: Publish<DropEvents & PurchaseEvents>;
  /** As in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

type Services = ReturnType<typeof createServices>;

export function createServices(dependencies: ServiceDependencies) {
  const { reservationTtlSeconds: holdSeconds, holdCoolDown: coolDown, http } = dependencies.config;
  const { publicUrl } = http;
  const drops = createDropsService({ ...dependencies, publicUrl, holdSeconds });
  return {
    auth: createAuthService(dependencies),
    accounts: createAccountsService(dependencies),
    exports: createExportService(dependencies),
    drops,
    stock: createStockService({ ...dependencies, getDrops: (ids) => drops.getMany(ids) }),
    dropStats: createDropStatsService(dependencies),
    dropChanges: createDropChangesService({ ...dependencies, publicUrl, holdSeconds }),
    reservations: createReservationsService({ ...dependencies, holdSeconds, coolDown }),
    purchases: createPurchasesService({ ...dependencies, publicUrl }),
    customers: createCustomersService(dependencies),
    health: createHealthService(dependencies),
  };
}

export interface RouteDependencies extends DropCaches, DropStatsCache {
  readonly config: Config;
  readonly services: Services;
  readonly metrics: InventoryMetrics;
}

/** The one list of features: a new one is a folder, a service above and a line here. */
const features: readonly ((dependencies: RouteDependencies) => readonly Route[])[] = [
  ({ services, config }) => authRoutes(services.auth, config.http.rateLimits),
  ({ services, config }) => accountRoutes(services, config.http.rateLimits),
  ({ services, dropLists, movementLists }) => dropRoutes(services.drops, { dropLists, movementLists }),
  ({ services }) => dropChangeRoutes(services.dropChanges),
  ({ services }) => stockRoutes(services.stock),
  ({ services, dropStats }) => dropStatsRoutes(services.dropStats, { dropStats }),
  ({ services, metrics, config }) => reservationRoutes(services.reservations, metrics, config),
  ({ services, metrics, config }) => purchaseRoutes(services.purchases, metrics, config.http.rateLimits),
  ({ services }) => customerRoutes(services.customers),
  ({ services }) => healthRoutes(services.health),
];

export function createRoutes(dependencies: RouteDependencies): readonly Route[] {
  return features.flatMap((routesOf) => routesOf(dependencies));
}
