import { WebSocket } from 'ws';

/** The members of a drop's snapshot that the benchmarks read. */
export interface Snapshot {
  readonly dropId: string;
  readonly version: number;
}

const OPEN = '0';
const PING = '2';
const PONG = '3';
export const CONNECT = '40';
export const EVENT = '42';
const INVENTORY_UPDATE = `${EVENT}["inventory_update",`;
const ACKNOWLEDGEMENT = '430';

/**
 * Connects to Socket.io by websocket, with only as much of its protocol as the benchmarks need.
 *
 * @param auth what the connect packet contains.
 * @param onPacket called with every packet but the handshake and pings.
 */
export function connectSocket(port: number, auth: string, onPacket: (packet: string) => void): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  socket.on('message', (data: Buffer) => {
    const packet = data.toString('latin1');
    if (packet.startsWith(OPEN)) socket.send(CONNECT + auth);
    else if (packet === PING) socket.send(PONG);
    else onPacket(packet);
  });
  return socket;
}

type LiveClient = ReturnType<typeof openLiveClient>;

/**
 * Follows one drop, with little work per packet.
 *
 * @param onUpdate called with the JSON text of every `inventory_update`.
 */
export function openLiveClient(port: number, dropId: string, onUpdate: (text: string) => void) {
  let socket: WebSocket;
  const subscribed = new Promise<Snapshot>((resolve, reject) => {
    // Like the project's own client, without a snapshot of all drops before it subscribes.
    socket = connectSocket(port, '{"snapshot":false}', (packet) => {
      if (packet.startsWith(INVENTORY_UPDATE)) {
        onUpdate(packet.slice(INVENTORY_UPDATE.length, -1));
      } else if (packet.startsWith(CONNECT)) {
        socket.send(`420["drops:subscribe",${JSON.stringify({ dropIds: [dropId] })}]`);
      } else if (packet.startsWith(ACKNOWLEDGEMENT)) {
        const [{ drops }] = JSON.parse(packet.slice(ACKNOWLEDGEMENT.length)) as [{ drops: Snapshot[] }];
        if (drops[0]) resolve(drops[0]);
        else reject(new Error(`the subscription returned ${packet}`));
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the server closed a connection'));
    });
  });
  // A connection that ends after its snapshot must not cause an unhandled rejection.
  subscribed.catch(() => undefined);
  return {
    /** The snapshot of the subscription; rejects if the connection fails. */
    subscribed,
    /** Closes the connection without a closing handshake. */
    terminate() {
      socket.terminate();
    },
  };
}

const VERSION = '"version":';

/** The version in the text of a snapshot, without parsing the rest. */
export function versionIn(text: string): number {
  return parseInt(text.slice(text.indexOf(VERSION) + VERSION.length), 10);
}

/** Opens connections, a hundred at a time, and resolves when all have subscribed. */
export async function openLiveClients(count: number, open: (index: number) => LiveClient): Promise<LiveClient[]> {
  const clients: LiveClient[] = [];
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(100, count - clients.length) }, (_, at) => open(clients.length + at));
    await Promise.all(next.map(({ subscribed }) => subscribed));
    clients.push(...next);
  }
  return clients;
}
