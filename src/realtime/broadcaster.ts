import type { Announce } from '../lib/announce.js';
import { createDropChannel, type DropChannel } from './drop-channel.js';
import type { ServerEventPayloads } from './events.js';
import { EVERY_DROP, roomOfDrop, roomOfUser } from './rooms.js';
import type { SocketServer } from './socket-types.js';

type InventoryUpdate = ServerEventPayloads['inventory_update'];

/** A picture read from the database. */
export interface ReadPicture {
  readonly picture: InventoryUpdate;
  /** Whether the drop changed so lately that perhaps not everybody was told. */
  readonly changedLately: boolean;
}

export interface Broadcaster {
  /** The port that services announce through. Before a server is attached, nobody listens and nothing is sent. */
  readonly announce: Announce<ServerEventPayloads>;
  /** From now on, announcements go to the sockets of this server. */
  attach(sockets: SocketServer): void;
  /** Takes what was announced elsewhere, or read from the database. */
  readonly receive: Announce<ServerEventPayloads>;
  /** Takes a drop whose state changed with the time: it started or ended, and its row stayed as it was. */
  receiveState(drop: ServerEventPayloads['drop_update']): void;
  /** The versions of a drop that everybody has been told, or is about to be; 0 where none is remembered. */
  known(dropId: string): { version: number; detailsVersion: number };
  /** Forgets drops of which nothing was heard since then, in ms of `performance.now()`. */
  forget(before: number): void;
  /** Sends what is news of these pictures, and resolves when everybody who follows their drops has been sent all of it. */
  catchUp(read: readonly ReadPicture[]): Promise<void>;
  /** The newest picture that was sent of the drop, or this one if it is newer or nothing was sent. */
  newestSent(picture: InventoryUpdate): InventoryUpdate;
  /** Sends at once what waits for the end of a window: before the sockets are closed, the last state of every drop. */
  flush(): void;
}

/**
 * The one thing between the services and Socket.io. Of each drop it sends at most twenty pictures a second: a lone change
 * at once, the last state always, versions only rising.
 */
export function createBroadcaster(): Broadcaster {
  let sockets: SocketServer | undefined;
  const channels = new Map<string, DropChannel>();

  function channelOf(dropId: string): DropChannel {
    const known = channels.get(dropId);
    if (known) return known;
    const channel = createDropChannel((event, payload) => {
      if (event === 'new_drop') send(null, event, payload);
      else send([EVERY_DROP, roomOfDrop(dropId)], event, payload);
    });
    channels.set(dropId, channel);
    return channel;
  }

  /** Sends to the sockets of this process that are in one of the rooms, each once; `null` is every socket. */
  function send<Name extends keyof ServerEventPayloads>(
    rooms: readonly string[] | null,
    event: Name,
    payload: ServerEventPayloads[Name],
    except: readonly string[] = [],
  ): void {
    if (!sockets) return;
    const present = rooms?.filter((room) => sockets?.of('/').adapter.rooms.has(room));
    // A packet is encoded before its receivers are looked up: with none, that is for nothing.
    if (present?.length === 0) return;
    const receivers = present ? sockets.local.to(present) : sockets.local;
    // Socket.io's own types do not see that an event and its payload belong together.
    (receivers.except([...except]) as unknown as { emit: (event: Name, payload: unknown) => void }).emit(
      event,
      payload,
    );
  }

  function tellExpiry(update: ServerEventPayloads['reservation_update']): void {
    const owner = roomOfUser(update.userId);
    send([owner], 'reservation_update', update);
    if (channelOf(update.dropId).mayTellExpiry()) {
      send([EVERY_DROP, roomOfDrop(update.dropId)], 'reservation_update', update, [owner]);
    }
  }

  const receive: Announce<ServerEventPayloads> = (event, payload) => {
    if (!sockets) return;
    switch (event) {
      case 'inventory_update':
        channelOf(payload.dropId).show(payload);
        break;
      case 'purchase_update':
        channelOf(payload.dropId).tellPurchase(payload);
        break;
      case 'reservation_update':
        tellExpiry(payload);
        break;
      case 'new_drop':
      case 'drop_update':
        channelOf(payload.id).showDetails(event, payload);
        break;
    }
  };

  return {
    announce: receive,
    receive,
    attach(server) {
      sockets = server;
    },
    receiveState(drop) {
      channelOf(drop.id).showDetails('drop_update', drop, true);
    },
    known(dropId) {
      const { version = 0, detailsVersion = 0 } = channels.get(dropId) ?? {};
      return { version, detailsVersion };
    },
    forget(before) {
      for (const [dropId, channel] of channels) if (channel.restsSince(before)) channels.delete(dropId);
    },
    async catchUp(read) {
      const behind = read.flatMap(({ picture, changedLately }) => {
        // Of a drop that rests, everybody was told long ago, and no channel is needed.
        const channel = changedLately ? channelOf(picture.dropId) : channels.get(picture.dropId);
        channel?.show(picture);
        return channel?.whenSent(picture.version) ?? [];
      });
      await Promise.all(behind);
    },
    newestSent(picture) {
      const sent = channels.get(picture.dropId)?.sent;
      return sent && sent.version > picture.version ? sent : picture;
    },
    flush() {
      for (const channel of channels.values()) channel.flush();
    },
  };
}
