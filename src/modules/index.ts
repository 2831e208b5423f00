import type { Publish } from '../lib/publish.js';
import type { Dependencies } from './dependencies.js';
import type { Route } from '../lib/http/define-route.js';
import { authRoutes } from './auth/auth.route.js';
import type { DropEvents } from './drops/drops.schema.js';
import { dropRoutes } from './drops/drops.route.js';
import { healthRoutes } from './health/health.route.js';
import type { PurchaseEvents } from './purchases/purchases.schema.js';
import { purchaseRoutes } from './purchases/purchases.route.js';
import { reservationRoutes } from './reservations/reservations.route.js';

/** What a feature may ask for: the shared things, and the port to announce its own events through. */
export type ModuleDependencies = Dependencies & { readonly publish: Publish<DropEvents & PurchaseEvents> };

/** The one list of features. A new one is a folder and a line here. */
const modules: readonly ((dependencies: ModuleDependencies) => readonly Route[])[] = [
  authRoutes,
  dropRoutes,
  reservationRoutes,
  purchaseRoutes,
  healthRoutes,
];

/** Every route of every feature. */
export function createRoutes(dependencies: ModuleDependencies): readonly Route[] {
  return modules.flatMap((routesOf) => routesOf(dependencies));
}
