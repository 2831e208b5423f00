import { WebSocket } from 'ws';

/** A drop's picture, as far as it is looked at. */
export interface SeenPicture {
  readonly dropId: string;
  readonly version: number;
}

/** One connection that speaks just enough of Socket.io's protocol to follow a drop, with little work for each packet. */
export interface LiveClient {
  /** Resolves with the snapshot of the subscription; fails if the connection does. */
  readonly subscribed: Promise<SeenPicture>;
  /** Ends it without a goodbye. */
  terminate(): void;
}

const CONNECT = '40';
/** As this project's client connects: without a snapshot of everything before it subscribes. */
const CONNECT_WITHOUT_SNAPSHOT = `${CONNECT}{"snapshot":false}`;
const SUBSCRIBE_ACK = '430';
const EVENT = '42["inventory_update",';

/**
 * Connects by websocket and follows one drop.
 *
 * @param onPicture called with the text of every `inventory_update`, `{"dropId":…}`.
 */
export function openLiveClient(port: number, dropId: string, onPicture: (text: string) => void): LiveClient {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  const subscribed = new Promise<SeenPicture>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the server ended a connection'));
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      if (text.startsWith(EVENT)) onPicture(text.slice(EVENT.length, -1));
      else if (text.startsWith('0')) socket.send(CONNECT_WITHOUT_SNAPSHOT);
      else if (text.startsWith(CONNECT)) socket.send(`420["drops:subscribe",${JSON.stringify({ dropIds: [dropId] })}]`);
      else if (text.startsWith(SUBSCRIBE_ACK)) {
        const [{ drops }] = JSON.parse(text.slice(SUBSCRIBE_ACK.length)) as [{ drops: SeenPicture[] }];
        const [picture] = drops;
        if (picture) resolve(picture);
        else reject(new Error(`a subscription was answered ${text}`));
      } else if (text === '2') socket.send('3');
    });
  });
  // Whoever waits for it hears of it; at the end nobody does.
  subscribed.catch(() => undefined);
  return {
    subscribed,
    terminate() {
      socket.terminate();
    },
  };
}

const VERSION = '"version":';

/** The version in the text of a picture, without parsing the rest. */
export function versionIn(text: string): number {
  return parseInt(text.slice(text.indexOf(VERSION) + VERSION.length), 10);
}

/** Opens so many, a hundred at a time, and resolves when all have subscribed. */
export async function openLiveClients(count: number, open: (index: number) => LiveClient): Promise<LiveClient[]> {
  const clients: LiveClient[] = [];
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(100, count - clients.length) }, (_, at) => open(clients.length + at));
    await Promise.all(next.map(({ subscribed }) => subscribed));
    clients.push(...next);
  }
  return clients;
}
