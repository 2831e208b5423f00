import type { Broadcaster } from '../broadcast/broadcaster.js';
import { SocketRequestError, type CallHandlers } from './socket-requests.js';
import { EVERY_DROP, isRoomOfDrop, roomOfDrop } from '../broadcast/rooms.js';
import type { ReadSnapshot } from '../broadcast/inventory-snapshots.js';
import type { DropSocket } from './socket-types.js';

interface SubscriptionsDependencies {
  readonly broadcaster: Pick<Broadcaster, 'catchUp' | 'newestSent' | 'epoch'>;
  readonly readSnapshot: ReadSnapshot;
  /** Drops that one socket may follow by name. */
  readonly maxPerSocket: number;
}

/** The calls by which a socket chooses the drops it hears of. */
export function createSubscriptions(dependencies: SubscriptionsDependencies): CallHandlers {
  const { broadcaster, readSnapshot, maxPerSocket } = dependencies;

  return {
    /**
     * Joins the rooms, then reads how the drops stand, and sends everybody in these rooms what is news of that. So nothing
     * falls between, and the answer is neither older than an event before it nor newer than one after it.
     */
    async 'drops:subscribe'(socket, payload) {
      const ids = payload?.dropIds && [...new Set(payload.dropIds)];
      const joined = (ids?.map(roomOfDrop) ?? [EVERY_DROP]).filter((room) => !socket.rooms.has(room));
      if (dropsFollowed(socket) + (ids ? joined.length : 0) > maxPerSocket) {
        throw new SocketRequestError('too-many-subscriptions', `A socket may follow ${maxPerSocket} drops at most`);
      }
      await socket.join(joined);
      try {
        const { read, serverTime, epoch } = await readSnapshot(ids);
        // Its versions cannot be compared with those that were sent; the ledger poller is about to find out, and cuts the socket.
        if (epoch !== broadcaster.epoch)
          throw new SocketRequestError('unavailable', 'The database was replaced just now');
        await broadcaster.catchUp(read);
        return () => {
          const drops = read.map(({ picture }) => ({ ...broadcaster.newestSent(picture), epoch }));
          const existing = new Set(drops.map(({ dropId }) => roomOfDrop(dropId)));
          if (ids)
            leave(
              socket,
              joined.filter((room) => !existing.has(room)),
            );
          if (ids && !socket.data.hasSubscribed) leave(socket, [EVERY_DROP]);
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
      leave(socket, ids ? ids.map(roomOfDrop) : [EVERY_DROP, ...roomsOfDrops(socket)]);
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

function dropsFollowed(socket: DropSocket): number {
  return roomsOfDrops(socket).length;
}
