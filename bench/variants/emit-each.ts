import type { DropChannel, SendToFollowers } from '../../src/realtime/broadcast/drop-channel.js';
import { createDropChannel as createOurs } from '../../src/realtime/broadcast/drop-channel.js';

export * from '../../src/realtime/broadcast/drop-channel.js';

/** Replaces the service's drop channel: sends every snapshot at once. Everything else is the same. */
export function createDropChannel(send: SendToFollowers): DropChannel {
  const ours = createOurs(send);
  let newest = 0;
  return Object.assign(Object.create(ours) as DropChannel, {
    publishSnapshot(snapshot: Parameters<DropChannel['publishSnapshot']>[0]) {
      if (snapshot.version <= newest) return;
      newest = snapshot.version;
      send('inventory_update', snapshot);
    },
    whenSent: () => Promise.resolve(),
  });
}
