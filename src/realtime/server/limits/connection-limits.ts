import type { IncomingMessage } from 'node:http';
import type { ClientAddress } from '../../../lib/http/request/client-address.js';
import type { DropSocket, SocketServer } from '../socket-types.js';
import { createAddressLimits, type AddressUse } from './address-limits.js';
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
  let engine: Engine | undefined;

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
    /** Why the address of this request may not open another connection now; null if it may. */
    refusalOf: (req: IncomingMessage) => addresses.of(clientAddress(req)).connect(),
    /** Starts counting the connections of this server, and their traffic by polling. */
    watch(sockets: SocketServer) {
      engine = sockets.engine as unknown as Engine;
      sockets.engine.on('connection', (connection: Connection) => {
        const address = addresses.of(clientAddress(connection.request));
        addressOf.set(connection, address);
        const isAllowed = address.opened();
        connection.once('close', address.closed);
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
