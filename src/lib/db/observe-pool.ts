import type pg from 'pg';
import type { Metrics } from '../metrics.js';

/** Lets the metrics know how many connections there are and how long each is held. It costs the database nothing. */
export function observePool(pool: pg.Pool, { watchPool, connectionHeld }: Metrics): void {
  watchPool(() => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    max: pool.options.max,
  }));
  /** ms, of `performance.now()`. */
  const heldSince = new WeakMap<pg.PoolClient, number>();
  pool.on('acquire', (client) => heldSince.set(client, performance.now()));
  pool.on('release', (_error, client) => {
    const since = heldSince.get(client);
    if (since !== undefined) connectionHeld.observe((performance.now() - since) / 1000);
  });
}
