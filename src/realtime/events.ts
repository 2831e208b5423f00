import type { z } from 'zod';
import type { TokenClaims } from '../lib/auth/tokens.js';
import { InventoryUpdate, ReservationUpdate } from '../lib/stock/stock.schema.js';
import { DropResponse } from '../modules/drops/drops.schema.js';
import { PurchaseUpdate } from '../modules/purchases/purchases.schema.js';

/** Every event the server sends, and what it carries: the one source of the event types. */
export const serverEvents = {
  /** The stock of a drop changed, for whatever cause. */
  inventory_update: InventoryUpdate,
  /** Somebody bought. */
  purchase_update: PurchaseUpdate,
  /** A reservation expired on the server. */
  reservation_update: ReservationUpdate,
  /** An admin created a drop. */
  new_drop: DropResponse,
  /** A drop's details or state changed. */
  drop_update: DropResponse,
} as const;

/** Payloads by event name. */
export type ServerEventPayloads = { [Name in keyof typeof serverEvents]: z.infer<(typeof serverEvents)[Name]> };

/** The server's events, as Socket.io's types want them. */
export type ServerEvents = { [Name in keyof ServerEventPayloads]: (payload: ServerEventPayloads[Name]) => void };

/** The client's events: none yet. */
export type ClientEvents = Record<never, never>;

/** What the server knows of a socket. */
export interface SocketData {
  /** What its token says, if it came with one: whose it is, and until when. */
  claims?: TokenClaims;
}
