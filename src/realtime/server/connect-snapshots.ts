import { setTimeout as sleep } from 'node:timers/promises';
import { createBatcher } from '../../lib/batcher.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import type { ReadSnapshot } from '../broadcast/inventory-snapshots.js';
import type { DropSocket } from './socket-types.js';

interface ConnectSnapshotsDependencies {
  readonly broadcaster: Pick<Broadcaster, 'catchUp' | 'newestSent' | 'sendTo' | 'epoch'>;
  readonly readSnapshot: ReadSnapshot;
}

interface Waiting {
  readonly socket: DropSocket;
  /** The versions of the `inventory_update`s that the socket was sent since it connected, by drop. */
  readonly sent: ReadonlyMap<string, number>;
}

/** Sockets that share a read, and the encoding of what is sent: so many that sending keeps the process busy for some 50 ms. */
const MAX_SOCKETS_PER_READ = 100;
const RETRY_DELAY_MS = 1_000;

/**
 * Sends a socket that has connected one `inventory_update` for each of the newest drops, unless it has subscribed meanwhile:
 * a client that never subscribes shows old stock otherwise until the next change of a drop. The socket is in the room of every
 * drop before the drops are read, so that nothing falls between; what it was sent meanwhile is noted, and not sent again.
 * While the database is away it is tried again.
 */
export function createConnectSnapshots({ broadcaster, readSnapshot }: ConnectSnapshotsDependencies) {
  const isWaiting = ({ socket }: Waiting) => socket.connected && socket.data.hasSubscribed !== true;

  const reads = createBatcher<Waiting, null>({
    maxBatch: MAX_SOCKETS_PER_READ,
    maxRunning: 1,
    async run(_key, all) {
      const { read, epoch } = await readSnapshot();
      // The ledger poller is about to find out, and cuts these sockets.
      if (epoch !== broadcaster.epoch) throw new Error('the database was replaced');
      await broadcaster.catchUp(read);
      const waiting = all.filter(isWaiting);
      for (const { picture } of read) {
        const newest = broadcaster.newestSent(picture);
        const behind = waiting.filter(({ sent }) => newest.version > (sent.get(newest.dropId) ?? 0));
        broadcaster.sendTo(
          behind.map(({ socket }) => socket.id),
          newest,
        );
      }
      return all.map(() => null);
    },
  });

  return async (socket: DropSocket): Promise<void> => {
    const sent = new Map<string, number>();
    const waiting = { socket, sent };
    const note = (event: string, update: { dropId: string; version: number }) => {
      if (event === 'inventory_update') sent.set(update.dropId, update.version);
    };
    socket.onAnyOutgoing(note);
    while (isWaiting(waiting)) {
      try {
        await reads.submit('newest', waiting);
        break;
      } catch {
        await sleep(RETRY_DELAY_MS * (1 + Math.random()), undefined, { ref: false });
      }
    }
    socket.offAnyOutgoing(note);
  };
}
