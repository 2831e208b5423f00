import { z } from 'zod';
import { isoTime, uuid } from '../lib/validation/schema-primitives.js';
import { InventoryUpdate, ReservationUpdate } from '../inventory/inventory.schema.js';
import { DropResponse } from '../modules/drops/drops.schema.js';
import { PurchaseUpdate } from '../modules/purchases/purchases.schema.js';
import { Stats } from './stats/stats.schema.js';

/**
 * The one source of everything that goes over a socket: the types of both sides, the validation of what clients send and
 * the tables of docs/realtime.md come from here. It imports nothing of the server, so that clients may import it.
 */

/** Every event that tells of a change, and what it carries. */
export const announcedEvents = {
  inventory_update: InventoryUpdate,
  purchase_update: PurchaseUpdate,
  reservation_update: ReservationUpdate,
  new_drop: DropResponse.describe('Sent to every socket, subscribed or not, when a drop was created: all of it.'),
  drop_update: DropResponse.describe(
    "Sent when a drop's details or state changed: by an endpoint, by an edited row, by its start or end being reached. " +
      'All of it. Take it unless its version is lower than the one you have.',
  ),
} as const;

const epoch = z.string().meta({
  description: 'Identifies the database that was read. Versions of drops rise within one epoch only.',
});

/** Every event the server sends, and what it carries. */
export const serverEvents = {
  ...announcedEvents,
  inventory_update: InventoryUpdate.extend({ epoch }).describe(InventoryUpdate.description ?? ''),
  stats: Stats,
  epoch: z
    .object({ epoch })
    .describe(
      'Sent to every socket that has connected, before any other event. If it is another one than at the last connection, the ' +
        'database was recreated or restored: forget every version, and load again what was loaded.',
    ),
} as const;

export type ServerEventName = keyof typeof serverEvents;

/** Payloads by event name. */
export type ServerEventPayloads = { [Name in ServerEventName]: z.infer<(typeof serverEvents)[Name]> };

/** The same of {@link announcedEvents}: without the epoch, which the broadcaster adds. */
export type PublishedPayloads = { [Name in keyof typeof announcedEvents]: z.infer<(typeof announcedEvents)[Name]> };

/** The server's events, as Socket.io's types want them. */
export type ServerEvents = { [Name in ServerEventName]: (payload: ServerEventPayloads[Name]) => void };

/** Drops that one call may name. */
export const MAX_IDS_PER_CALL = 100;
/** Drops in the snapshot of who subscribes to all. */
export const SNAPSHOT_OF_ALL = 100;

/** The drops that a call is about; nothing, null and `{}` mean all. */
const DropSelection = z
  // Strict: with a misspelt `dropIds` nobody means all.
  .strictObject({
    dropIds: z
      .array(uuid)
      .max(MAX_IDS_PER_CALL)
      .optional()
      .meta({ description: `Ids of drops, at most ${MAX_IDS_PER_CALL}; left out: all drops.` }),
  })
  .nullish();

/** Every call a client may make: what it carries, and what it is acknowledged with. */
export const clientEvents = {
  'drops:subscribe': {
    description:
      'From now on send the events of these drops, and tell how they stand. Ids that no drop has are left out.',
    payload: DropSelection,
    answer: z.object({
      drops: z.array(serverEvents.inventory_update).meta({
        description: `How the drops stand; without \`dropIds\` the ${SNAPSHOT_OF_ALL} newest of all.`,
      }),
      serverTime: isoTime.meta({ description: "The server's clock, for countdowns." }),
      epoch,
    }),
  },
  'drops:unsubscribe': {
    description: 'Send no more events of these drops; without `dropIds`, of none at all.',
    payload: DropSelection,
    answer: z.object({}),
  },
} as const;

export type ClientEventName = keyof typeof clientEvents;

/** Why a call can be refused: the `code` of the error, and what it means. */
export const CALL_ERRORS = {
  'validation-failed': 'The payload is not what was expected; `errors` names each field.',
  'unknown-event': 'There is no such call.',
  'rate-limited': 'Too many calls a second from this socket. Wait a second and call again.',
  'too-many-subscriptions': 'The socket would follow more drops than one may. Leave some, or subscribe to all.',
  unavailable: 'The server cannot look at the drops right now. Nothing was changed; call again in a moment.',
  'internal-error': 'A defect in the server. Nothing was changed.',
} as const;

export type CallErrorCode = keyof typeof CALL_ERRORS;

/** How a refused call is acknowledged. The socket lives on. */
export const CallError = z.object({
  error: z.object({
    code: z.enum(Object.keys(CALL_ERRORS) as [CallErrorCode, ...CallErrorCode[]]).meta({
      description: 'What a program decides by.',
    }),
    message: z.string().meta({ description: 'What was wrong, for people.' }),
    requestId: z.string().meta({
      description: "Finds the call in the server's log: the id of the connection, and the number of the call.",
    }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'Which field, such as `payload.dropIds.0`.' }),
          message: z.string().meta({ description: 'What was expected.' }),
        }),
      )
      .optional()
      .meta({ description: 'With `validation-failed`: each field that is wrong.' }),
  }),
});
export type CallError = z.infer<typeof CallError>;

/** What a client gives a call, by its name. */
export type CallPayload<Name extends ClientEventName> = z.input<(typeof clientEvents)[Name]['payload']>;

/** What a call that was carried out is acknowledged with, by its name. */
export type CallAnswer<Name extends ClientEventName> = z.infer<(typeof clientEvents)[Name]['answer']>;

/** The clients' events, as Socket.io's types want them. */
export type ClientEvents = {
  [Name in ClientEventName]: (
    payload: CallPayload<Name>,
    acknowledge: (answer: CallAnswer<Name> | CallError) => void,
  ) => void;
};
