import type { ServerEventPayloads } from '../realtime/events.js';
import type { Connect, FeedError, TokenSource } from './connection.js';
import type { InventorySnapshot } from '../inventory/inventory-snapshot.js';

/**
 * - `live`: every snapshot was confirmed on this connection, and the server has responded recently.
 * - `stale`: connected, but a snapshot is missing or was refused, or the server has not responded recently.
 * - `reconnecting`: not connected; attempts continue.
 * - `refused`: the server refused the token, or it has ended; no attempt follows before {@link DropFeed.setToken}.
 * - `closed`: by {@link DropFeed.close}, permanently.
 *
 * Snapshots stay readable in every status. Present them as current only while the status is `live`.
 */
export type FeedStatus = 'live' | 'stale' | 'reconnecting' | 'refused' | 'closed';

export interface FeedEvents {
  /** A drop has a newer snapshot; null: the drop is no longer followed, or does not exist. */
  change: (dropId: string, snapshot: InventorySnapshot | null) => void;
  /** The status or the error changed. */
  status: (status: FeedStatus, error: FeedError | null) => void;
  /** A unit was purchased. Under load the server sends only some purchases. */
  purchase_update: (purchase: ServerEventPayloads['purchase_update']) => void;
  /**
   * A reservation expired. The server always sends those of the token's owner, for any drop; under load only some of the others.
   */
  reservation_update: (reservation: ServerEventPayloads['reservation_update']) => void;
  /** A drop was created, followed or not. */
  new_drop: (drop: ServerEventPayloads['new_drop']) => void;
  /** The details or the status of a drop changed. */
  drop_update: (drop: ServerEventPayloads['drop_update']) => void;
  /** The database of the server was recreated or restored. All snapshots were removed: fetch again what came over HTTP. */
  reset: () => void;
  /**
   * The token was ended, or its account was closed. The server closes the connection next, and the status becomes `refused` unless
   * another token is set.
   */
  account_closed: (closed: ServerEventPayloads['account_closed']) => void;
  /** The activity of the last second. The server sends it to admins only. */
  stats: (stats: ServerEventPayloads['stats']) => void;
}

export interface DropFeedOptions {
  /** A token, or a function that returns one and is called before every connection attempt; null or undefined: anonymous. */
  readonly token?: TokenSource;
  /** The drops to follow from the start, at most 1000; without it, all drops. */
  readonly dropIds?: readonly string[];
  /**
   * Milliseconds without a response of the server after which the feed is `stale`; 10 000 by default. The feed sends a request
   * twice in this time.
   */
  readonly staleAfter?: number;
  /** Path of Socket.io on the server, if not the default. */
  readonly path?: string;
  /** Replaces socket.io-client's `io`. */
  readonly connect?: Connect;
}

/** The current inventory of drops. Returned objects keep their identity until they change. */
export interface DropFeed {
  readonly status: FeedStatus;
  /** Why the feed is not live, if known. */
  readonly error: FeedError | null;
  get(dropId: string): InventorySnapshot | undefined;
  drops(): readonly InventorySnapshot[];
  /** Adds a listener until the returned function is called. */
  on<Name extends keyof FeedEvents>(name: Name, listener: FeedEvents[Name]): () => void;
  /** Follows these drops as well; without ids, all drops. @throws {TypeError} if an id is not a UUID. */
  subscribe(dropIds?: readonly string[]): void;
  /**
   * Stops following these drops, unless all drops are followed; without ids, follows none. Removes the snapshots of drops that
   * are no longer followed.
   */
  unsubscribe(dropIds?: readonly string[]): void;
  /** Milliseconds since 1970 by the server's clock, for countdowns; by the local clock before the first response. */
  serverNow(): number;
  /** The largest error of {@link serverNow} in milliseconds, in either direction; Infinity before the first response. */
  clockAccuracy(): number;
  /** Reconnects with another token; null: anonymously. */
  setToken(token: TokenSource): void;
  /** Closes the feed permanently. */
  close(): void;
}
