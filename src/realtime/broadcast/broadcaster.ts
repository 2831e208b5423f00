import type { InventorySnapshot } from '../../inventory/inventory-snapshot.js';
import type { Publish } from '../../lib/publish.js';
import type { DropChannel } from './drop-channel.js';
import { createDropChannels, type DropChannels } from './drop-channels.js';
import type { PublishedPayloads } from '../events.js';
import type { LoadedSnapshot } from './inventory-snapshots.js';
import { ADMINS, ALL_DROPS, roomOfDrop, roomOfUser } from './rooms.js';
import type { SocketServer } from '../server/socket-types.js';

export interface Broadcaster {
  /** The port through which services publish. Sends nothing before {@link attachSockets}. */
  readonly publish: Publish<PublishedPayloads>;
  /** Identifies the database that everything is read from; empty before the first {@link setEpoch}. */
  readonly epoch: string;
  /**
   * Sets the epoch of the database, as just read. A different epoch makes the published versions meaningless: all channels
   * are removed and every socket is disconnected, so that its client starts again.
   *
   * @returns whether the epoch differs from an earlier one.
   */
  setEpoch(epoch: string): boolean;
  /** Sends events to the sockets of this server from now on. */
  attachSockets(sockets: SocketServer): void;
  /** Forwards what this process publishes to other processes from now on, at the same limited rate. */
  attachCluster(forward: Publish<PublishedPayloads>): void;
  /** Publishes an event of another process, or one read from the database, to the sockets of this process only. */
  readonly publishLocally: Publish<PublishedPayloads>;
  /** Publishes a drop whose status changed by time alone to the sockets of this process. */
  publishStatus(drop: PublishedPayloads['drop_update']): void;
  /** The versions and the status of a drop that were published or wait to be published; 0 and null if there are none. */
  published(dropId: string): Pick<DropChannel, 'version' | 'detailsVersion' | 'status'>;
  /** Publishes the snapshots that are newer than the last one sent. Resolves when they have been sent to all followers. */
  publishNewer(loaded: readonly LoadedSnapshot[]): Promise<void>;
  /** Sends a snapshot to these sockets only. */
  sendTo(socketIds: readonly string[], snapshot: InventorySnapshot): void;
  /** The newer of the last snapshot sent and this one. */
  newestSent(loaded: InventorySnapshot): InventorySnapshot;
  /** Frees the state of drops that published nothing since this time of `performance.now()`. */
  evictIdle(since: number): void;
  /** Sends at once what waits for the end of a window: the last state of every drop, before the sockets are closed. */
  flush(): void;
}

/**
 * Creates the only connection between services and Socket.io. Sends at most twenty snapshots a second for each drop: a single
 * change at once, the last state always, versions only rising.
 *
 * @param beforeSend called before an event is sent, to invalidate caches that a client may read upon it.
 */
export function createBroadcaster(beforeSend: () => void = () => undefined): Broadcaster {
  let sockets: SocketServer | undefined;
  let clusterChannels: DropChannels | undefined;
  let epoch = '';

  const channels = createDropChannels({
    send(dropId, event, payload) {
      const isDraft = 'status' in payload && payload.status === 'draft';
      const followers = isDraft ? [ADMINS] : [ALL_DROPS, roomOfDrop(dropId)];
      send(event === 'new_drop' ? null : followers, event, payload);
    },
    sendExpiry(update, allowsAll) {
      const owner = roomOfUser(update.userId);
      send([owner], 'reservation_update', update);
      if (allowsAll()) send([ALL_DROPS, roomOfDrop(update.dropId)], 'reservation_update', forOthers(update), [owner]);
    },
  });

  /**
   * Sends to each socket of this process that is in one of the rooms; `null` means every socket. Sockets of other processes
   * are left out: only the process of a socket has a record of the versions that it sent.
   */
  function send<Name extends keyof PublishedPayloads>(
    rooms: readonly string[] | null,
    event: Name,
    payload: PublishedPayloads[Name],
    except: readonly string[] = [],
  ): void {
    if (!sockets) return;
    const existing = sockets.of('/').adapter.rooms;
    const occupied = rooms?.filter((room) => existing.has(room));
    // Socket.io encodes a packet before it looks up the receivers: skip the encoding when there are none.
    if (occupied?.length === 0) return;
    beforeSend();
    const receivers = (occupied ? sockets.local.to(occupied) : sockets.local).except([...except]);
    const wirePayload = event === 'inventory_update' ? { ...payload, epoch } : payload;
    // Socket.io's types do not relate an event to its payload here.
    (receivers as unknown as { emit: (event: Name, payload: unknown) => void }).emit(event, wirePayload);
  }

  const publishLocally: Publish<PublishedPayloads> = (...event) => {
    if (sockets) channels.publish(...event);
  };

  return {
    publish(...event) {
      publishLocally(...event);
      clusterChannels?.publish(...event);
    },
    get epoch() {
      return epoch;
    },
    setEpoch(next) {
      const isReplaced = epoch !== '' && epoch !== next;
      epoch = next;
      if (!isReplaced) return false;
      channels.clear();
      clusterChannels?.clear();
      beforeSend();
      // The transport, not the socket: after a disconnection by the server, clients do not reconnect.
      for (const { conn } of sockets?.of('/').sockets.values() ?? []) conn.close();
      return true;
    },
    attachSockets(server) {
      sockets = server;
    },
    attachCluster(forward) {
      clusterChannels = createDropChannels({
        send: (_dropId, event, payload) => {
          (forward as (event: string, payload: unknown) => void)(event, payload);
        },
        // Without a limit: the owner may be connected to any process.
        sendExpiry: (update) => {
          forward('reservation_update', update);
        },
      });
    },
    publishLocally,
    publishStatus(drop) {
      channels.getOrCreate(drop.id).publishDetails('drop_update', drop, true);
    },
    published(dropId) {
      return channels.find(dropId) ?? { version: 0, detailsVersion: 0, status: null };
    },
    async publishNewer(loaded) {
      const pending = loaded.flatMap(({ snapshot, changedRecently }) => {
        // The last change of an idle drop was sent long ago, so it needs no channel.
        const channel = changedRecently ? channels.getOrCreate(snapshot.dropId) : channels.find(snapshot.dropId);
        channel?.publishSnapshot(snapshot);
        return channel?.whenSent(snapshot.version) ?? [];
      });
      await Promise.all(pending);
    },
    sendTo(socketIds, snapshot) {
      send(socketIds, 'inventory_update', snapshot);
    },
    newestSent: (loaded) => channels.find(loaded.dropId)?.newestSent(loaded) ?? loaded,
    evictIdle(since) {
      channels.evictIdle(since);
      clusterChannels?.evictIdle(since);
    },
    flush() {
      channels.flush();
      clusterChannels?.flush();
    },
  };
}

/** An update as all but its owner receive it: they do not learn that an account was closed, or what an admin did to it. */
function forOthers(update: PublishedPayloads['reservation_update']): PublishedPayloads['reservation_update'] {
  const { reason, ...others } = update;
  return reason === 'drop-cancelled' ? update : others;
}
