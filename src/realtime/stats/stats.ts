import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../lib/db/database.js';
import type { FailureLog } from '../../lib/failure-log.js';
import type { Logger } from '../../lib/logger.js';
import { ADMINS } from '../broadcast/rooms.js';
import type { DropSocket, SocketServer } from '../server/socket-types.js';
import { countedSince, type PeerTallies, type ReadTally, type Tally } from './process-counters.js';
import { createHoldCount, readTotals } from './totals.js';

interface StatsDependencies {
  readonly db: Database;
  readonly sockets: SocketServer;
  readonly readTally: ReadTally;
  /** Of other processes; left out: there are none, or nothing connects them. */
  readonly peers?: PeerTallies | undefined;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** ms */
const SECOND = 1_000;

/**
 * Tells admins every second what happens: `stats`. As long as no admin listens, nothing is counted that was not counted
 * anyway, and nobody is asked for anything. Returns what ends it.
 */
export function tellStats({ db, sockets, readTally, peers, logger, failures }: StatsDependencies): () => Promise<void> {
  const holds = createHoldCount(db);
  const stopping = new AbortController();
  let last: { tallies: readonly Tally[]; at: number } | undefined;
  let isAway = false;

  function listeners(): DropSocket[] {
    const { adapter, sockets: all } = sockets.of('/');
    return [...(adapter.rooms.get(ADMINS) ?? [])].flatMap((id) => all.get(id) ?? []);
  }

  async function tell(admins: readonly DropSocket[]): Promise<void> {
    const own = await readTally();
    const now = { tallies: [own, ...(peers?.told() ?? [])], at: performance.now() };
    const before = last;
    last = now;
    peers?.ask();
    const { at, stock, admins: still } = await readTotals(db, [...new Set(admins.map(ownerOf))]);
    for (const socket of admins) if (!still.includes(ownerOf(socket))) void socket.leave(ADMINS);
    const held = holds.get();
    // The first second has nothing to be compared with.
    if (!before) return;
    sockets.local.to(ADMINS).emit('stats', {
      at,
      period: now.at - before.at,
      processes: now.tallies.length,
      connections: now.tallies.reduce((sum, { connections }) => sum + connections, 0),
      ...countedSince(before.tallies, now.tallies),
      stock,
      holds: held,
    });
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = performance.now();
      const admins = listeners();
      try {
        if (admins.length > 0) await tell(admins);
        else last = undefined;
        isAway = false;
      } catch (error) {
        const isLogged = failures.record(error, 'stats') || isAway;
        if (!isLogged) logger.warn({ err: error }, 'the stats for admins cannot be read; they are tried every second');
        isAway = true;
      }
      const pause = Math.max(0, began + SECOND - performance.now());
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const ended = loop();
  return async () => {
    stopping.abort();
    await ended;
    await holds.stop();
  };
}

function ownerOf(socket: DropSocket): string {
  return socket.data.claims?.sub ?? '';
}
