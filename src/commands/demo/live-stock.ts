import { EventEmitter, once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type { InventoryUpdate } from '../../lib/stock/stock.schema.js';
import type { ServerEvents } from '../../realtime/events.js';

/** What a dashboard knows: the newest picture of one drop, as the server's events tell it. */
export interface LiveStock {
  readonly newest: InventoryUpdate | null;
  /** Resolves true as soon as a picture meets the condition, false when the signal fires first. */
  until(condition: (picture: InventoryUpdate) => boolean, signal: AbortSignal): Promise<boolean>;
  /** Calls back with every newer picture. */
  onChange(listener: (picture: InventoryUpdate) => void): void;
  close(): void;
}

/** Connects as anybody may, and follows one drop. */
export async function watchStock(url: string, dropId: string): Promise<LiveStock> {
  const socket: Socket<ServerEvents> = io(url, { transports: ['websocket'] });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  // One listener on the socket and hundreds of buyers on the emitter.
  const changes = new EventEmitter().setMaxListeners(0);
  let newest: InventoryUpdate | null = null;
  socket.on('inventory_update', (picture) => {
    if (picture.dropId !== dropId || picture.version <= (newest?.version ?? 0)) return;
    newest = picture;
    changes.emit('change', picture);
  });
  return {
    get newest() {
      return newest;
    },
    async until(condition, signal) {
      while (!signal.aborted) {
        if (newest && condition(newest)) return true;
        await once(changes, 'change', { signal }).catch(() => undefined);
      }
      return false;
    },
    onChange(listener) {
      changes.on('change', listener);
    },
    close() {
      socket.close();
    },
  };
}
