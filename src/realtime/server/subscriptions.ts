import type { Broadcaster } from '../broadcast/broadcaster.js';
import type { ReadSnapshots } from '../broadcast/inventory-snapshots.js';
import { ALL_DROPS, isRoomOfDrop, roomOfDrop } from '../broadcast/rooms.js';
import { SocketRequestError, type SocketRequestHandlers } from './socket-requests.js';
import type { DropSocket } from './socket-types.js';

interface SubscriptionsDependencies {
  readonly broadcaster: Pick<Broadcaster, 'publishNewer' | 'newestSent' | 'epoch'>;
  readonly readSnapshots: ReadSnapshots;
  /** Drops that one socket may follow by name. */
  readonly maxPerSocket: number;
}

/** Creates the handlers of `drops:subscribe` and `drops:unsubscribe`. */
export function createSubscriptions(dependencies: SubscriptionsDependencies): SocketRequestHandlers {
  const { broadcaster, readSnapshots, maxPerSocket } = dependencies;

  return {
    /**
     * Joins the rooms, reads the drops, and publishes the snapshots that are newer than the last ones sent. So no change is
     * missed, and the acknowledgement is neither older than an event before it nor newer than one after it.
     */
    async 'drops:subscribe'(socket, payload) {
      const ids = payload?.dropIds && [...new Set(payload.dropIds)];
      const joined = (ids?.map(roomOfDrop) ?? [ALL_DROPS]).filter((room) => !socket.rooms.has(room));
      if (roomsOfDrops(socket).length + (ids ? joined.length : 0) > maxPerSocket) {
        throw new SocketRequestError('too-many-subscriptions', `A socket may follow ${maxPerSocket} drops at most`);
      }
      await socket.join(joined);
      try {
        const { loaded, serverTime, epoch } = await readSnapshots(ids);
        // The versions of two databases cannot be compared. The ledger poller is about to disconnect the socket.
        if (epoch !== broadcaster.epoch) {
          throw new SocketRequestError('unavailable', 'The database was replaced just now');
        }
        await broadcaster.publishNewer(loaded);
        return () => {
          const drops = loaded.map(({ snapshot }) => ({ ...broadcaster.newestSent(snapshot), epoch }));
          if (ids) {
            const existing = new Set(drops.map(({ dropId }) => roomOfDrop(dropId)));
            const missing = joined.filter((room) => !existing.has(room));
            leave(socket, socket.data.hasSubscribed ? missing : [...missing, ALL_DROPS]);
          }
          socket.data.hasSubscribed = true;
          return { drops, serverTime, epoch };
        };
      } catch (error) {
        leave(socket, joined);
        throw error;
      }
    },

    'drops:unsubscribe'(socket, payload) {
      const ids = payload?.dropIds;
      leave(socket, ids ? ids.map(roomOfDrop) : [ALL_DROPS, ...roomsOfDrops(socket)]);
      if (!ids) socket.data.hasSubscribed = true;
      return Promise.resolve(() => ({}));
    },
  };
}

function leave(socket: DropSocket, rooms: readonly string[]): void {
  for (const room of rooms) void socket.leave(room);
}

function roomsOfDrops(socket: DropSocket): string[] {
  return [...socket.rooms].filter(isRoomOfDrop);
}
