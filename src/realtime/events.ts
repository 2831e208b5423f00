import { z } from 'zod';
import type { Access, Owner } from '../lib/auth/access-policy.js';
import { isoTime, uuid } from '../lib/validation/schema-primitives.js';
import { InventoryUpdate, ReservationUpdate } from '../inventory/inventory.schema.js';
import { DropResponse } from '../modules/drops/drops.schema.js';
import { PurchaseUpdate } from '../modules/purchases/purchases.schema.js';
import { Stats } from './stats/stats.schema.js';

/**
 * The schemas of everything that is sent over a socket. The types of server and client, the validation of requests and the
 * tables of docs/realtime.md are derived from them. Imports only schemas, so that clients may import it.
 */

/** The events that services publish, with their payloads. */
export const publishedEvents = {
  inventory_update: InventoryUpdate,
  purchase_update: PurchaseUpdate,
  reservation_update: ReservationUpdate,
  new_drop: DropResponse.describe(
    'Sent to every socket, subscribed or not, when a drop is published: as it is created, or a draft later. Carries the whole drop.',
  ),
  drop_update: DropResponse.describe(
    "Sent when a drop's details or state changed: an admin changed it, its row was edited, or its start or end was reached. " +
      'The changes of a draft, and its creation, are sent to admins only. Carries the whole drop. Ignore it only if its version is lower than the one you have.',
  ),
} as const;

const epoch = z.string().meta({
  description: 'Identifies the database that was read. Versions of drops rise within one epoch only.',
});

/** The events that the server sends, with their payloads. */
export const serverEvents = {
  ...publishedEvents,
  inventory_update: InventoryUpdate.extend({ epoch }).describe(InventoryUpdate.description ?? ''),
  stats: Stats,
  account_closed: z
    .object({
      code: z.enum(['deleted', 'disabled', 'signed-out']).meta({
        description: 'Why: the account was deleted or disabled, or the token was ended.',
      }),
      message: z.string().meta({ description: 'The reason, for people.' }),
    })
    .describe(
      'Sent to the sockets of a token within a second after it has ended or its account was closed. The server closes them next. ' +
        'A connection with the same token is refused as `unauthenticated`.',
    ),
  epoch: z
    .object({ epoch })
    .describe(
      'Sent to every socket on connection, before any other event. If it differs from the epoch of the last connection, the ' +
        'database was recreated or restored: discard all versions, and fetch again what was fetched.',
    ),
} as const;

type ServerEventName = keyof typeof serverEvents;

/** Payloads as the server sends them, by event name. */
export type ServerEventPayloads = { [Name in ServerEventName]: z.infer<(typeof serverEvents)[Name]> };

/** Payloads as services publish them: without the epoch, which the broadcaster adds. */
export type PublishedPayloads = { [Name in keyof typeof publishedEvents]: z.infer<(typeof publishedEvents)[Name]> };

export type ServerEvents = { [Name in ServerEventName]: (payload: ServerEventPayloads[Name]) => void };

const MAX_IDS_PER_REQUEST = 100;
/** Drops in the snapshot of all drops: the newest. */
export const MAX_SNAPSHOT_DROPS = 100;

/** The drops of a request; undefined, null and `{}` mean all. */
const DropSelection = z
  // Strict: a misspelled `dropIds` must not mean all drops.
  .strictObject({
    dropIds: z
      .array(uuid)
      .max(MAX_IDS_PER_REQUEST)
      .optional()
      .meta({ description: `Ids of drops, at most ${MAX_IDS_PER_REQUEST}. If absent: all drops.` }),
  })
  .nullish();

/** A request over a socket. Its policy is checked when the service starts. */
interface SocketRequestDeclaration {
  readonly description: string;
  /** The token of a socket is checked when it connects. No request needs one. */
  readonly access: Extract<Access, 'public'>;
  readonly owner: Owner;
  readonly payload: z.ZodType;
  readonly acknowledgement: z.ZodType;
}

/** The requests that a client may send, with their policies, payloads and acknowledgements. */
export const clientEvents = {
  'drops:subscribe': {
    description:
      'Subscribes to the events of these drops and returns their current inventory. Unknown ids are ignored.',
    access: 'public',
    owner: 'none',
    payload: DropSelection,
    acknowledgement: z.object({
      drops: z.array(serverEvents.inventory_update).meta({
        description: `The current inventory of the drops; without \`dropIds\`, of the ${MAX_SNAPSHOT_DROPS} newest.`,
      }),
      serverTime: isoTime.meta({ description: "The server's clock, for countdowns." }),
      epoch,
    }),
  },
  'drops:unsubscribe': {
    description: 'Ends the subscription to these drops; without `dropIds`, to all drops.',
    access: 'public',
    owner: 'none',
    payload: DropSelection,
    acknowledgement: z.object({}),
  },
} as const satisfies Readonly<Record<string, SocketRequestDeclaration>>;

export type ClientEventName = keyof typeof clientEvents;

export const SOCKET_REQUEST_ERRORS = {
  'validation-failed': 'The payload is invalid; `errors` names each field.',
  'unknown-event': 'There is no request of this name.',
  'rate-limited': 'Too many requests from this socket or its address. Wait a second and try again.',
  'too-many-subscriptions': 'The socket would exceed its limit of drops. Unsubscribe from some, or subscribe to all.',
  unavailable: 'The server cannot read the drops at the moment. Nothing was changed; try again in a moment.',
  'internal-error': 'A defect of the server. Nothing was changed.',
} as const;

export type SocketRequestErrorCode = keyof typeof SOCKET_REQUEST_ERRORS;

/** The acknowledgement of a refused request. The socket stays connected. */
export const ErrorAcknowledgement = z.object({
  error: z.object({
    code: z.enum(Object.keys(SOCKET_REQUEST_ERRORS) as [SocketRequestErrorCode, ...SocketRequestErrorCode[]]).meta({
      description: 'The reason, for programs.',
    }),
    message: z.string().meta({ description: 'The reason, for people.' }),
    requestId: z.string().meta({
      description:
        "Identifies the request in the server's log: the id of the connection and the number of the request.",
    }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'The field, such as `payload.dropIds.0`.' }),
          message: z.string().meta({ description: 'The expected value.' }),
        }),
      )
      .optional()
      .meta({ description: 'With `validation-failed`: each invalid field.' }),
  }),
});
export type ErrorAcknowledgement = z.infer<typeof ErrorAcknowledgement>;

export type RequestPayload<Name extends ClientEventName> = z.input<(typeof clientEvents)[Name]['payload']>;

export type Acknowledgement<Name extends ClientEventName> = z.infer<(typeof clientEvents)[Name]['acknowledgement']>;

export type ClientEvents = {
  [Name in ClientEventName]: (
    payload: RequestPayload<Name>,
    acknowledge: (acknowledgement: Acknowledgement<Name> | ErrorAcknowledgement) => void,
  ) => void;
};
