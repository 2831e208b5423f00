import type { Publish } from '../../lib/publish.js';
import type { DropChannel } from './drop-channel.js';
import { createDropChannels, type DropChannels } from './drop-channels.js';
import type { PublishedPayloads } from '../events.js';
import { EVERY_DROP, roomOfDrop, roomOfUser } from './rooms.js';
import type { SocketServer } from '../server/socket-types.js';

type InventoryUpdate = PublishedPayloads['inventory_update'];

/** A picture read from the database. */
export interface ReadPicture {
  readonly picture: InventoryUpdate;
  /** Whether the drop changed so lately that perhaps not everybody was told. */
  readonly changedLately: boolean;
}

export interface Broadcaster {
  /** The port that services announce through. Before somebody is attached, nobody listens and nothing is sent. */
  readonly publish: Publish<PublishedPayloads>;
  /** Identifies the database that everything is read from; empty before the first {@link enter}. */
  readonly epoch: string;
  /**
   * Takes the epoch of the database as it was read just now. If it is another one, the versions that were published mean
   * nothing any more: all of them are forgotten, and every socket is cut, to connect again and begin anew.
   *
   * @returns whether it is another one.
   */
  enter(epoch: string): boolean;
  /** From now on, announcements go to the sockets of this server. */
  attach(sockets: SocketServer): void;
  /** From now on, announcements go to other processes too, as few as to a socket; not what was received from them. */
  attachPeers(forward: Publish<PublishedPayloads>): void;
  /** Takes what was announced elsewhere, or read from the database. */
  readonly receive: Publish<PublishedPayloads>;
  /** Takes a drop whose state changed with the time: it started or ended, and its row stayed as it was. */
  receiveState(drop: PublishedPayloads['drop_update']): void;
  /** The versions and the state of a drop that were published, or are about to be; 0 and null where none is remembered. */
  known(dropId: string): Pick<DropChannel, 'version' | 'detailsVersion' | 'status'>;
  /** Sends what is news of these pictures, and resolves when everybody who follows their drops has been sent all of it. */
  catchUp(read: readonly ReadPicture[]): Promise<void>;
  /** Sends a picture to these sockets alone. */
  sendTo(socketIds: readonly string[], picture: InventoryUpdate): void;
  /** The newest picture that was sent of the drop, or this one if it is newer or nothing was sent. */
  newestSent(picture: InventoryUpdate): InventoryUpdate;
  /** Forgets drops of which nothing was heard since then, in ms of `performance.now()`. */
  forget(before: number): void;
  /** Sends at once what waits for the end of a window: before the sockets are closed, the last state of every drop. */
  flush(): void;
}

/**
 * The one thing between the services and Socket.io. Of each drop it sends at most twenty pictures a second: a lone change
 * at once, the last state always, versions only rising.
 *
 * @param beforeSend called before an event is sent: what was read before must not be served to a client that reads again.
 */
export function createBroadcaster(beforeSend: () => void = () => undefined): Broadcaster {
  let sockets: SocketServer | undefined;
  let outbox: DropChannels | undefined;
  let epoch = '';

  const channels = createDropChannels({
    send(dropId, event, payload) {
      send(event === 'new_drop' ? null : [EVERY_DROP, roomOfDrop(dropId)], event, payload);
    },
    tellExpiry(update, toEverybody) {
      const owner = roomOfUser(update.userId);
      send([owner], 'reservation_update', update);
      if (toEverybody()) send([EVERY_DROP, roomOfDrop(update.dropId)], 'reservation_update', update, [owner]);
    },
  });

  /**
   * Sends to the sockets of this process that are in one of the rooms, each once; `null` is every socket. Only of this
   * process: what a socket was sent is known where it is connected, and only there can its versions be kept rising.
   */
  function send<Name extends keyof PublishedPayloads>(
    rooms: readonly string[] | null,
    event: Name,
    payload: PublishedPayloads[Name],
    except: readonly string[] = [],
  ): void {
    if (!sockets) return;
    const occupied = sockets.of('/').adapter.rooms;
    const present = rooms?.filter((room) => occupied.has(room));
    // A packet is encoded before its receivers are looked up: with none, that is for nothing.
    if (present?.length === 0) return;
    beforeSend();
    const receivers = (present ? sockets.local.to(present) : sockets.local).except([...except]);
    const sent = event === 'inventory_update' ? { ...payload, epoch } : payload;
    // Socket.io's own types do not see that an event and its payload belong together.
    (receivers as unknown as { emit: (event: Name, payload: unknown) => void }).emit(event, sent);
  }

  const receive: Publish<PublishedPayloads> = (...announcement) => {
    if (sockets) channels.take(...announcement);
  };

  return {
    publish(...announcement) {
      receive(...announcement);
      outbox?.take(...announcement);
    },
    get epoch() {
      return epoch;
    },
    enter(next) {
      const isOther = epoch !== '' && epoch !== next;
      epoch = next;
      if (!isOther) return false;
      channels.clear();
      outbox?.clear();
      beforeSend();
      // Not a disconnection of Socket.io's, upon which clients stay away.
      for (const { conn } of sockets?.of('/').sockets.values() ?? []) conn.close();
      return true;
    },
    attach(server) {
      sockets = server;
    },
    attachPeers(forward) {
      outbox = createDropChannels({
        send: (_dropId, event, payload) => {
          (forward as (event: string, payload: unknown) => void)(event, payload);
        },
        // Each of them: its owner may be connected to any process.
        tellExpiry: (update) => {
          forward('reservation_update', update);
        },
      });
    },
    receive,
    receiveState(drop) {
      channels.open(drop.id).showDetails('drop_update', drop, true);
    },
    known(dropId) {
      return channels.find(dropId) ?? { version: 0, detailsVersion: 0, status: null };
    },
    async catchUp(read) {
      const behind = read.flatMap(({ picture, changedLately }) => {
        // Of a drop that rests, everybody was told long ago, and no channel is needed.
        const channel = changedLately ? channels.open(picture.dropId) : channels.find(picture.dropId);
        channel?.show(picture);
        return channel?.whenSent(picture.version) ?? [];
      });
      await Promise.all(behind);
    },
    sendTo(socketIds, picture) {
      send(socketIds, 'inventory_update', picture);
    },
    newestSent: (picture) => channels.find(picture.dropId)?.newestOf(picture) ?? picture,
    forget(before) {
      channels.forget(before);
      outbox?.forget(before);
    },
    flush() {
      channels.flush();
      outbox?.flush();
    },
  };
}
