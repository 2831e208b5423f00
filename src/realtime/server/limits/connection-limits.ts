import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFairLimit } from '../../../lib/fair-limit.js';
import type { ClientAddress } from '../../../lib/http/request/client-address.js';
import type { DropSocket, SocketServer } from '../socket-types.js';
import { createAddressLimits, type AddressRefusal, type AddressUse } from './address-limits.js';
import { createLimitedWebSockets } from './limited-websockets.js';
import { createTrafficLimit, type ExceededLimit } from './traffic-limit.js';

interface ConnectionLimitsOptions {
  /** Open connections of one address; of one /64 network for IPv6. */
  readonly maxPerAddress: number;
  /** Requests of one address in a second. */
  readonly maxRequestsPerSecondAndAddress: number;
  /** Requests of one socket in a second, to which the limits of its traffic are in proportion. */
  readonly maxRequestsPerSecond: number;
  readonly clientAddress: ClientAddress;
  /** Called when a connection is closed because it exceeds a limit. */
  readonly onClosed: (exceeded: ExceededLimit | 'sockets') => void;
}

/** Of all addresses together whose connections are short: opening them takes a twentieth of the time of a process. See docs/adr/0038. */
const MS_BETWEEN_SHORT_CONNECTIONS = 20;
const MAX_WAITING_CONNECTIONS = 1_000;
/** Shorter than the time that clients wait. */
const MAX_WAIT_MS = 5_000;

type Connection = DropSocket['conn'];

/** The part of an engine.io server that its types hide, and those of a connection that they omit. */
interface Engine {
  readonly clients: Readonly<Record<string, { readonly upgrading: boolean; readonly upgraded: boolean } | undefined>>;
}

/** Limits the connections of each address, and the sockets and traffic of each connection, in this process. */
export function createConnectionLimits(options: ConnectionLimitsOptions) {
  const { clientAddress, maxRequestsPerSecond, onClosed } = options;
  const addresses = createAddressLimits(options);
  const addressOf = new WeakMap<Connection, AddressUse>();
  const withSocket = new WeakSet<Connection>();
  const turns = createFairLimit({ maxRunning: 1, maxWaiting: MAX_WAITING_CONNECTIONS, maxWaitMs: MAX_WAIT_MS });
  let engine: Engine | undefined;

  /** Resolves when the address of a request has its turn. @throws if that takes too long, or too many wait. */
  function waitForTurn({ socket }: IncomingMessage, address: string): Promise<void> {
    // Node has removed its own listener from the socket of an upgrade.
    socket.on('error', () => socket.destroy());
    const signal = {
      get aborted() {
        return socket.destroyed;
      },
    };
    return new Promise((resolve, reject) => {
      const useTurn = () => {
        resolve();
        return sleep(MS_BETWEEN_SHORT_CONNECTIONS);
      };
      turns.run(address, useTurn, { signal }).catch(reject);
    });
  }

  /** Counts traffic of a connection from this address. Returns false if it exceeds the limit and has to be closed. */
  function trafficCounter(address: AddressUse) {
    const countTraffic = createTrafficLimit(maxRequestsPerSecond);
    return (frames: number, bytes: number): boolean => {
      const exceeded = countTraffic(frames, bytes);
      if (exceeded === null) return true;
      address.recordFlood();
      onClosed(exceeded);
      return false;
    };
  }

  /** Whether a request may open a websocket: it is new, or the only one that a polling connection upgrades to. */
  function mayOpenWebSocket(req: IncomingMessage): boolean {
    const id = new URL(req.url ?? '', 'http://localhost').searchParams.get('sid');
    if (id === null) return true;
    const connection = engine?.clients[id];
    return connection !== undefined && !connection.upgrading && !connection.upgraded;
  }

  return {
    /** For the option `wsEngine` of the server. */
    WebSocketServer: createLimitedWebSockets((req) =>
      mayOpenWebSocket(req) ? trafficCounter(addresses.of(clientAddress(req))) : null,
    ),
    /**
     * Why the address of this request may not open another connection; null if it may. Resolves later for an address whose
     * connections are short: those of all such addresses are opened one by one, and the addresses take turns.
     */
    async refusalOf(req: IncomingMessage): Promise<AddressRefusal | null> {
      const address = clientAddress(req);
      const use = addresses.of(address);
      const refusal = use.connect();
      if (refusal || !use.hasToWait()) return refusal;
      return waitForTurn(req, address).then(
        () => null,
        () => 'address-rate',
      );
    },
    /** Starts counting the connections of this server, and their traffic by polling. */
    watch(sockets: SocketServer) {
      engine = sockets.engine as unknown as Engine;
      sockets.engine.on('connection', (connection: Connection) => {
        const address = addresses.of(clientAddress(connection.request));
        addressOf.set(connection, address);
        const isAllowed = address.opened();
        const openedAt = performance.now();
        connection.once('close', () => {
          address.closed(performance.now() - openedAt);
        });
        if (!isAllowed) {
          connection.close(true);
          return;
        }
        const accepts = trafficCounter(address);
        connection.on('packet', ({ data }: { data?: string | Buffer }) => {
          if (connection.transport.name === 'polling' && !accepts(1, data?.length ?? 0)) connection.close(true);
        });
      });
    },
    /**
     * Whether a socket is the first of its connection. Another one closes the connection: the limits count connections, and no
     * client needs two sockets in one namespace.
     */
    acceptsSocket({ conn }: Pick<DropSocket, 'conn'>): boolean {
      if (!withSocket.has(conn)) {
        withSocket.add(conn);
        return true;
      }
      if (conn.readyState === 'open') {
        addressOf.get(conn)?.recordFlood();
        onClosed('sockets');
        conn.close(true);
      }
      return false;
    },
    /** Counts a request of a socket. Returns false if its address exceeds its limit. */
    acceptsRequest: ({ conn }: Pick<DropSocket, 'conn'>) => addressOf.get(conn)?.request() ?? false,
  };
}
