import type { Server, Socket } from 'socket.io';
import type { TokenClaims, UserRole } from '../../lib/auth/tokens.js';
import type { PublishedPayloads, ClientEvents, ServerEvents } from '../events.js';

interface SocketData {
  /** The id of the HTTP request that opened the connection, for the log. */
  requestId: string;
  /** The claims of its token, if it sent one. */
  claims?: TokenClaims;
  /** The role of its account when it connected. */
  role?: UserRole;
  /** Whether it has ever subscribed or unsubscribed from everything. */
  hasSubscribed?: boolean;
}

/**
 * The events between processes. Their names are part of the protocol between processes of different versions during a rolling
 * update.
 */
interface ClusterEvents {
  announcement: (event: keyof PublishedPayloads, payload: unknown, epoch: unknown) => void;
  /** Requests the counters of every process. */
  tally_wanted: () => void;
  /** The counters of a process. */
  tally: (counters: unknown) => void;
}

export type SocketServer = Server<ClientEvents, ServerEvents, ClusterEvents, SocketData>;
export type DropSocket = Socket<ClientEvents, ServerEvents, ClusterEvents, SocketData>;
