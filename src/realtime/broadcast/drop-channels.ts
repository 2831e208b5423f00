import type { Publish } from '../../lib/publish.js';
import { createDropChannel, type DropChannel, type SendOfDrop } from './drop-channel.js';
import type { PublishedPayloads } from '../events.js';

type ReservationUpdate = PublishedPayloads['reservation_update'];

interface Receivers {
  /** Sends what a channel lets through. */
  readonly send: (dropId: string, ...sent: Parameters<SendOfDrop>) => void;
  /** Tells of an expired hold; `toEverybody` in bounds, for the owner always. */
  readonly tellExpiry: (update: ReservationUpdate, toEverybody: () => boolean) => void;
}

export interface DropChannels {
  /** Takes an announcement, and sends what is news of it when its time has come. */
  readonly take: Publish<PublishedPayloads>;
  /** The channel of a drop, if there is one. */
  find(dropId: string): DropChannel | undefined;
  /** The channel of a drop, made if there is none. */
  open(dropId: string): DropChannel;
  /** Forgets drops of which nothing was heard since then, in ms of `performance.now()`. */
  forget(before: number): void;
  /** Sends at once what waits for the end of a window. */
  flush(): void;
  /** Forgets every drop, and what waits to be sent. */
  clear(): void;
}

/** The channels of all drops on the way to one kind of receivers. */
export function createDropChannels({ send, tellExpiry }: Receivers): DropChannels {
  const channels = new Map<string, DropChannel>();

  function open(dropId: string): DropChannel {
    const known = channels.get(dropId);
    if (known) return known;
    const channel = createDropChannel((event, payload) => {
      send(dropId, event, payload);
    });
    channels.set(dropId, channel);
    return channel;
  }

  return {
    take(event, payload) {
      switch (event) {
        case 'inventory_update':
          open(payload.dropId).show(payload);
          break;
        case 'purchase_update':
          open(payload.dropId).tellPurchase(payload);
          break;
        case 'reservation_update':
          tellExpiry(payload, () => open(payload.dropId).mayTellExpiry());
          break;
        case 'new_drop':
        case 'drop_update':
          open(payload.id).showDetails(event, payload);
          break;
      }
    },
    find: (dropId) => channels.get(dropId),
    open,
    forget(before) {
      for (const [dropId, channel] of channels) if (channel.restsSince(before)) channels.delete(dropId);
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
