import type { Announce, Announcement } from '../lib/announce.js';
import type { SocketServer } from './socket-server.js';
import type { ServerEventPayloads } from './events.js';

export interface Broadcaster {
  /** The port that services announce through. Before a server is attached, nobody listens and nothing is sent. */
  readonly announce: Announce<ServerEventPayloads>;
  /** From now on, announcements go to every socket of this server. */
  attach(sockets: SocketServer): void;
}

/** The one thing between the services and Socket.io. */
export function createBroadcaster(): Broadcaster {
  let sockets: SocketServer | undefined;
  // The newest version sent of each drop. Transactions commit in the order of their lock, but their announcements may
  // overtake each other: an older picture is dropped, since the newer one that went before told everything.
  const sentVersions = new Map<string, number>();

  function isNews({ dropId, version }: ServerEventPayloads['inventory_update']): boolean {
    if (version <= (sentVersions.get(dropId) ?? 0)) return false;
    sentVersions.set(dropId, version);
    return true;
  }

  return {
    announce(...announcement) {
      if (!sockets) return;
      const [event, payload] = announcement;
      if (event === 'inventory_update' && !isNews(payload)) return;
      // Socket.io's own types do not see that an event and its payload belong together.
      (sockets.emit as (...args: Announcement<ServerEventPayloads>) => boolean).apply(sockets, announcement);
    },
    attach(server) {
      sockets = server;
    },
  };
}
