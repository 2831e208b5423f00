import type { Database } from '../../lib/db/database.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import { createPollingLoop } from '../../lib/polling-loop.js';
import { ADMINS } from '../broadcast/rooms.js';
import type { DropSocket, SocketServer } from '../server/socket-types.js';
import { sumIncreases, type ClusterCounters, type ProcessCounters, type ReadCounters } from './process-counters.js';
import { createReservationCounts } from './totals.js';
import { readTotals } from './totals.queries.js';

interface StatsDependencies {
  readonly db: Database;
  readonly sockets: SocketServer;
  readonly readCounters: ReadCounters;
  /** The counters of other processes; undefined without a cluster. */
  readonly cluster?: ClusterCounters | undefined;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

const PUBLISH_INTERVAL_MS = 1_000;

/**
 * Sends `stats` to admins every second. While no admin is connected, it neither reads the database nor requests counters of
 * other processes. Returns a function that ends it.
 */
export function startStats(dependencies: StatsDependencies): () => Promise<void> {
  const { db, sockets, readCounters, cluster, logger, failures } = dependencies;
  const reservationCounts = createReservationCounts(db);
  let last: { counters: readonly ProcessCounters[]; at: number } | undefined;

  function connectedAdmins(): DropSocket[] {
    const { adapter, sockets: all } = sockets.of('/');
    return [...(adapter.rooms.get(ADMINS) ?? [])].flatMap((id) => all.get(id) ?? []);
  }

  async function publish(recipients: readonly DropSocket[]): Promise<void> {
    const own = await readCounters();
    const current = { counters: [own, ...(cluster?.latest() ?? [])], at: performance.now() };
    const previous = last;
    last = current;
    cluster?.request();
    const { at, stock, admins } = await readTotals(db, [...new Set(recipients.map(userIdOf))]);
    for (const socket of recipients) if (!admins.includes(userIdOf(socket))) void socket.leave(ADMINS);
    const holds = reservationCounts.get();
    // The first counters have nothing to be compared with.
    if (!previous) return;
    sockets.local.to(ADMINS).emit('stats', {
      at,
      period: current.at - previous.at,
      processes: current.counters.length,
      connections: current.counters.reduce((sum, { connections }) => sum + connections, 0),
      ...sumIncreases(previous.counters, current.counters),
      stock,
      holds,
    });
  }

  const loop = createPollingLoop({
    retryDelayMs: PUBLISH_INTERVAL_MS,
    async poll() {
      const startedAt = performance.now();
      const recipients = connectedAdmins();
      if (recipients.length > 0) await publish(recipients);
      else last = undefined;
      return Math.max(0, startedAt + PUBLISH_INTERVAL_MS - performance.now());
    },
    report: {
      logger,
      failures,
      affected: 'stats',
      failed: 'The stats for admins cannot be read; retrying every second',
      recovered: 'The stats for admins are read again',
    },
  });
  loop.start();
  return async () => {
    await loop.stop();
    await reservationCounts.stop();
  };
}

function userIdOf(socket: DropSocket): string {
  return socket.data.claims?.sub ?? '';
}
