import type { ServerEventPayloads } from '../realtime/events.js';
import type { Connect, FeedError, TokenSource } from './connection.js';
import type { DropPicture } from './inventory-snapshots.js';

/**
 * - `live`: every picture was confirmed since the connection began, and the server has answered lately.
 * - `stale`: connected, but the snapshot has not come or was refused, or the server has not answered for a while.
 * - `reconnecting`: not connected (yet); it is tried again and again.
 * - `refused`: the server does not take the token; nothing is tried before {@link DropFeed.setToken}.
 * - `closed`: by {@link DropFeed.close}, for good.
 *
 * Pictures stay to be read in every state. Only while it is `live` may they be shown as how things stand.
 */
export type FeedStatus = 'live' | 'stale' | 'reconnecting' | 'refused' | 'closed';

export interface FeedEvents {
  /** A drop has a newer picture; null: it is not followed any more, or does not exist. */
  change: (dropId: string, picture: DropPicture | null) => void;
  /** The status or the error is another one. */
  status: (status: FeedStatus, error: FeedError | null) => void;
  /** Somebody bought. In a rush not every purchase is told. */
  purchase_update: (purchase: ServerEventPayloads['purchase_update']) => void;
  /** A hold expired; with a token, each of one's own is told, whatever is followed. In a rush not all of others. */
  reservation_update: (reservation: ServerEventPayloads['reservation_update']) => void;
  /** There is a new drop; told of every one. */
  new_drop: (drop: ServerEventPayloads['new_drop']) => void;
  /** A drop's details or its state changed. */
  drop_update: (drop: ServerEventPayloads['drop_update']) => void;
  /**
   * The server reads from another database than before: one that was recreated or restored. Every picture was removed; load
   * again what was loaded over HTTP.
   */
  reset: () => void;
  /** How the service does, every second; told to admins alone, by their token. */
  stats: (stats: ServerEventPayloads['stats']) => void;
}

export interface DropFeedOptions {
  /** A token, or a function that is asked for one before every connection; null or undefined: anonymous. */
  readonly token?: TokenSource;
  /** The drops to follow from the beginning; left out: all. More than a thousand, the server refuses. */
  readonly dropIds?: readonly string[];
  /** ms without an answer of the server after which the feed is stale. The server is asked twice as often. */
  readonly staleAfter?: number;
  /** Path of Socket.io on the server, if it is not the usual one. */
  readonly path?: string;
  /** In place of socket.io-client's own `io`. */
  readonly connect?: Connect;
}

/** The live picture of drops. All it hands out stays the same object as long as nothing changed. */
export interface DropFeed {
  readonly status: FeedStatus;
  /** What keeps it from being live, if something is known. */
  readonly error: FeedError | null;
  get(dropId: string): DropPicture | undefined;
  drops(): readonly DropPicture[];
  /** Calls back at every such event until the returned function is called. */
  on<Name extends keyof FeedEvents>(name: Name, listener: FeedEvents[Name]): () => void;
  /** Follows these drops too; without ids, all. @throws {TypeError} an id that is no UUID. */
  subscribe(dropIds?: readonly string[]): void;
  /** Follows these drops no more, unless all are followed; without ids, none at all. What is not followed is forgotten. */
  unsubscribe(dropIds?: readonly string[]): void;
  /** ms since 1970 by the server's clock, for countdowns; by this machine's as long as nothing was heard. */
  serverNow(): number;
  /** ms that {@link serverNow} may be off, either way; Infinity as long as nothing was heard. */
  clockAccuracy(): number;
  /** Connects anew, as the owner of this token; null: as nobody. */
  setToken(token: TokenSource): void;
  /** Ends it for good. */
  close(): void;
}
