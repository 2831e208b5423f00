import type { Server, Socket } from 'socket.io';
import type { TokenClaims } from '../../lib/auth/tokens.js';
import type { PublishedPayloads, ClientEvents, ServerEvents } from '../events.js';

/** What the server knows of a socket. */
export interface SocketData {
  /** Of the request that opened its connection: finds it in the log. */
  requestId: string;
  /** What its token says, if it came with one: whose it is, and until when. */
  claims?: TokenClaims;
  /** Whether it ever chose what it hears of. */
  hasSubscribed?: boolean;
}

/** What processes tell each other. */
export interface PeerEvents {
  announcement: (event: keyof PublishedPayloads, payload: unknown, epoch: unknown) => void;
  /** Somebody wants to know what each process has counted. */
  tally_wanted: () => void;
  tally: (tally: unknown) => void;
}

/** Socket.io's server, with the types of our events. */
export type SocketServer = Server<ClientEvents, ServerEvents, PeerEvents, SocketData>;

/** One client's socket. */
export type DropSocket = Socket<ClientEvents, ServerEvents, PeerEvents, SocketData>;
