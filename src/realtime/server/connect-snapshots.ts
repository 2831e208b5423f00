import { setTimeout as sleep } from 'node:timers/promises';
import { createBatcher } from '../../lib/batcher.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import type { ReadSnapshots } from '../broadcast/inventory-snapshots.js';
import type { DropSocket } from './socket-types.js';

interface ConnectSnapshotsDependencies {
  readonly broadcaster: Pick<Broadcaster, 'publishNewer' | 'newestSent' | 'sendTo' | 'epoch'>;
  readonly readSnapshots: ReadSnapshots;
  /** How long a socket may wait for a read before it tries again, as in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

interface Recipient {
  readonly socket: DropSocket;
  /** The versions of the `inventory_update`s that the socket was sent since it connected, by drop. */
  readonly sent: ReadonlyMap<string, number>;
}

/** Sockets that share a read and the encoding of its packets. Bounds how long sending occupies the event loop. */
const MAX_SOCKETS_PER_READ = 100;
const RETRY_DELAY_MS = 1_000;

/**
 * Creates a function that sends one `inventory_update` for each of the newest drops to a socket that has connected, unless it
 * subscribes meanwhile. Otherwise a client that never subscribes would show old stock until the next change of a drop. The
 * socket joins the room of all drops before the read, so that no change is missed; updates that it receives meanwhile are
 * recorded and not sent again. Retries while the database is unavailable.
 */
export function createConnectSnapshots({ broadcaster, readSnapshots, queueTimeoutMs }: ConnectSnapshotsDependencies) {
  const isWaiting = ({ socket }: Recipient) => socket.connected && socket.data.hasSubscribed !== true;

  const reads = createBatcher<Recipient, null>({
    maxBatchSize: MAX_SOCKETS_PER_READ,
    maxRunning: 1,
    queueTimeoutMs,
    async run(_key, all) {
      const { loaded, epoch } = await readSnapshots();
      // The ledger poller is about to detect this and disconnect these sockets.
      if (epoch !== broadcaster.epoch) throw new Error('The database was replaced');
      await broadcaster.publishNewer(loaded);
      const recipients = all.filter(isWaiting);
      for (const { snapshot } of loaded) {
        const newest = broadcaster.newestSent(snapshot);
        const outdated = recipients.filter(({ sent }) => newest.version > (sent.get(newest.dropId) ?? 0));
        broadcaster.sendTo(
          outdated.map(({ socket }) => socket.id),
          newest,
        );
      }
      return all.map(() => null);
    },
  });

  return async (socket: DropSocket): Promise<void> => {
    const sent = new Map<string, number>();
    const recipient = { socket, sent };
    const recordVersion = (event: string, update: { dropId: string; version: number }) => {
      if (event === 'inventory_update') sent.set(update.dropId, update.version);
    };
    socket.onAnyOutgoing(recordVersion);
    while (isWaiting(recipient)) {
      try {
        await reads.submit('newest', recipient);
        break;
      } catch {
        await sleep(RETRY_DELAY_MS * (1 + Math.random()), undefined, { ref: false });
      }
    }
    socket.offAnyOutgoing(recordVersion);
  };
}
