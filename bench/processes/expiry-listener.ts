import { WebSocket } from 'ws';

export interface HeardPicture {
  readonly reserved: number;
  /** ms since 1970: the clock that PostgreSQL reads too. */
  readonly at: number;
}

export interface HeardExpiry {
  /** Of the first. */
  readonly at: number;
  readonly times: number;
}

/** A client that follows nothing in particular and so is sent every public event. */
export interface ExpiryListener {
  /** By drop, in order of arrival. */
  readonly pictures: ReadonlyMap<string, readonly HeardPicture[]>;
  /** By reservation. */
  readonly expiries: ReadonlyMap<string, HeardExpiry>;
  /** When it had the newest picture of a drop, if that shows no unit held. */
  emptyAt(dropId: string): number | undefined;
  /** Forgets what it has heard. */
  clear(): void;
  close(): void;
}

/** Connects by websocket, speaking just enough of Socket.io's protocol, and resolves once the server has accepted. */
export async function openListener(port: number): Promise<ExpiryListener> {
  const pictures = new Map<string, HeardPicture[]>();
  const expiries = new Map<string, HeardExpiry>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);

  function hear(event: string, payload: { dropId: string; reservedStock: number; reservationId: string }): void {
    const at = Date.now();
    if (event === 'inventory_update') {
      const heard = pictures.get(payload.dropId) ?? [];
      pictures.set(payload.dropId, heard);
      heard.push({ reserved: payload.reservedStock, at });
    } else if (event === 'reservation_update') {
      const before = expiries.get(payload.reservationId);
      expiries.set(payload.reservationId, { at: before?.at ?? at, times: (before?.times ?? 0) + 1 });
    }
  }

  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('42')) hear(...(JSON.parse(text.slice(2)) as Parameters<typeof hear>));
      else if (text.startsWith('40')) resolve();
      else if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
    });
  });
  return {
    pictures,
    expiries,
    emptyAt(dropId) {
      const newest = pictures.get(dropId)?.at(-1);
      return newest?.reserved === 0 ? newest.at : undefined;
    },
    clear() {
      pictures.clear();
      expiries.clear();
    },
    close() {
      socket.terminate();
    },
  };
}
