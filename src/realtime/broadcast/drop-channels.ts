import type { Publish } from '../../lib/publish.js';
import { createDropChannel, type DropChannel, type SendToFollowers } from './drop-channel.js';
import type { PublishedPayloads } from '../events.js';

interface ChannelOutputs {
  /** Sends an event that a channel let through. */
  readonly send: (dropId: string, ...event: Parameters<SendToFollowers>) => void;
  /** Sends an expiry to its owner, and to all followers if `allowsAll()`. */
  readonly sendExpiry: (update: PublishedPayloads['reservation_update'], allowsAll: () => boolean) => void;
}

export interface DropChannels {
  /** Passes an event to the channel of its drop. */
  readonly publish: Publish<PublishedPayloads>;
  find(dropId: string): DropChannel | undefined;
  /** The channel of a drop, created if there is none. */
  getOrCreate(dropId: string): DropChannel;
  /** Removes the channels that published nothing since this time of `performance.now()`. */
  evictIdle(since: number): void;
  /** Sends at once what waits for the end of a window. */
  flush(): void;
  /** Removes every channel with what waits to be sent. */
  clear(): void;
}

/** The channels of all drops towards one kind of receiver: the sockets of this process, or the other processes. */
export function createDropChannels({ send, sendExpiry }: ChannelOutputs): DropChannels {
  const channels = new Map<string, DropChannel>();

  function getOrCreate(dropId: string): DropChannel {
    const existing = channels.get(dropId);
    if (existing) return existing;
    const channel = createDropChannel((event, payload) => {
      send(dropId, event, payload);
    });
    channels.set(dropId, channel);
    return channel;
  }

  return {
    publish(event, payload) {
      switch (event) {
        case 'inventory_update':
          getOrCreate(payload.dropId).publishSnapshot(payload);
          break;
        case 'purchase_update':
          getOrCreate(payload.dropId).publishPurchase(payload);
          break;
        case 'reservation_update':
          sendExpiry(payload, () => getOrCreate(payload.dropId).allowsExpiry());
          break;
        case 'new_drop':
        case 'drop_update':
          getOrCreate(payload.id).publishDetails(event, payload);
          break;
      }
    },
    find: (dropId) => channels.get(dropId),
    getOrCreate,
    evictIdle(since) {
      for (const [dropId, channel] of channels) if (channel.isIdleSince(since)) channels.delete(dropId);
    },
    flush() {
      for (const channel of channels.values()) channel.flush();
    },
    clear() {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}
