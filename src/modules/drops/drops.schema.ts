import { z } from 'zod';
import { fieldNames } from '../../lib/validation/field-names.js';
import { currencyCode, isoTime, money, pageQuery, searchText, uuid } from '../../lib/validation/schema-primitives.js';
import { visibleName } from '../../lib/validation/text.js';
import { time } from '../../lib/validation/time-field.js';
import { hasCredentials } from '../../lib/validation/web-url.js';
import { isAfter, toIso, toIsoOrNull } from '../../lib/time.js';
import type { DetailedDropRow } from '../../inventory/drop-row.js';
import { availabilityOf, toInventorySnapshot } from '../../inventory/inventory-snapshot.js';
import { DropStatus, InventoryUpdate, MAX_TOTAL_STOCK, PUBLIC_STATUSES } from '../../inventory/inventory.schema.js';
import { currency, description, imageUrl, price } from './values.schema.js';

const MAX_LIMIT = 1_000_000;
const MAX_NAME_LENGTH = 200;
const MIN_HOLD_SECONDS = 10;
const MAX_HOLD_SECONDS = 900;

// Strict: a misspelled `startsAt` that was ignored would open the drop at once.
export const CreateDropBody = z
  .strictObject({
    name: visibleName(MAX_NAME_LENGTH)
      .meta({
        description:
          'What is sold: one line of text with at least one visible character. Stored in Unicode’s normalization form C, ' +
          'without spaces around it.',
        example: 'Aurora Runner',
      })
      .register(fieldNames, { mistakenFor: ['title'] }),
    price: price
      .meta({
        description: 'Price of a unit: a number, or a decimal string.',
        example: '175.00',
      })
      .register(fieldNames, { mistakenFor: ['cost', 'amount'] }),
    currency: currency
      .nullish()
      .meta({ description: 'The currency of the price: a code of ISO 4217. Left out: USD.', example: 'EUR' })
      .register(fieldNames, { label: 'The currency', mistakenFor: ['currencyCode'] }),
    description: description
      .nullish()
      .meta({
        description: 'What buyers should know of it: plain text with line breaks, without other control characters.',
        example: 'Hand-sewn in a run of one hundred.\nShips in June.',
      })
      .register(fieldNames, { label: 'The description', mistakenFor: ['about', 'details', 'text', 'summary'] }),
    totalStock: z
      .int()
      .min(1)
      .max(MAX_TOTAL_STOCK)
      .meta({ description: 'Units in the drop.', example: 100 })
      .register(fieldNames, { mistakenFor: ['quantity', 'units', 'inventory'] }),
    imageUrl: imageUrl
      .nullish()
      .meta({ description: 'A picture: a URL without credentials, or a path on this server.' })
      .register(fieldNames, { label: 'Picture', mistakenFor: ['picture', 'photo', 'thumbnail'] }),
    dropStartsAt: time
      .nullish()
      .meta({ description: 'When reserving opens. Left out: now.' })
      .register(fieldNames, {
        label: 'The start',
        mistakenFor: ['opensAt', 'availableFrom', 'launchDate', 'releaseDate'],
      }),
    dropEndsAt: time
      .nullish()
      .meta({ description: 'When reserving closes. Left out: never.' })
      .register(fieldNames, { label: 'The end', mistakenFor: ['closesAt', 'availableUntil', 'expiresAt'] }),
    limitPerUser: z
      .int()
      .min(1)
      .max(MAX_LIMIT)
      .nullish()
      .meta({ description: 'Units that a user may reserve and purchase in all. Left out: no limit.' }),
    holdSeconds: z
      .int()
      .min(MIN_HOLD_SECONDS)
      .max(MAX_HOLD_SECONDS)
      .nullish()
      .meta({
        description: 'How long a reservation holds its unit. Left out: as long as the setting of the server says.',
      })
      .register(fieldNames, { label: 'The time of a hold', mistakenFor: ['ttl', 'holdTime', 'reservationSeconds'] }),
    published: z
      .boolean()
      .nullish()
      .meta({
        description: 'Whether the drop is published at once. False: a draft, which only admins see. Left out: true.',
      })
      .register(fieldNames, { mistakenFor: ['draft', 'isPublished', 'visible'] }),
  })
  .refine(({ dropStartsAt, dropEndsAt }) => !dropStartsAt || !dropEndsAt || isAfter(dropEndsAt, dropStartsAt), {
    path: ['dropEndsAt'],
    error: 'must be after the start',
  })
  .meta({ id: 'CreateDropBody' });
export type CreateDropBody = z.infer<typeof CreateDropBody>;

export const DropParams = z.object({ id: uuid.meta({ description: 'Id of the drop.' }) });

const DEFAULT_PAGE_SIZE = 10;

const SORT_NAMES = { mistakenFor: ['order', 'orderBy', 'sortBy'] };
const statusFilter = { mistakenFor: ['state'] };

export const ListDropsQuery = z.object({
  ...pageQuery(DEFAULT_PAGE_SIZE),
  status: z
    .enum(PUBLIC_STATUSES)
    .optional()
    .meta({ description: 'Only drops with this status.' })
    .register(fieldNames, statusFilter),
  q: searchText(MAX_NAME_LENGTH, 'Only drops whose name contains this text'),
  sort: z
    .enum(['newest', 'storefront'])
    .default('newest')
    .meta({
      description:
        'The order: the newest drop first; or, as a shop shows them, live drops (those that end, by their end, then those that started ' +
        'last), opening soon, all held, paused, sold out, and ended last. The storefront has no cancelled drops, unless `status` asks for them.',
    })
    .register(fieldNames, SORT_NAMES),
});
export type ListDropsQuery = z.infer<typeof ListDropsQuery>;

/** What an admin can sort drops by. Equal ones are listed newest first. */
const DROP_ORDERS = ['newest', 'name', 'start', 'available', 'sold'] as const;
export type DropOrder = (typeof DROP_ORDERS)[number];

export const ListAllDropsQuery = ListDropsQuery.extend({
  status: DropStatus.optional()
    .meta({ description: 'Only drops with this status.' })
    .register(fieldNames, statusFilter),
  sort: z
    .enum(DROP_ORDERS)
    .default('newest')
    .meta({
      description:
        'The order: the newest drop first, the name from A, the earliest start first, or the most units available or sold first.',
    })
    .register(fieldNames, SORT_NAMES),
});
export type ListAllDropsQuery = z.infer<typeof ListAllDropsQuery>;

const TopPurchaser = z.object({
  id: uuid.meta({ description: 'Id of the purchase.' }),
  username: z.string().meta({ description: 'The buyer.' }),
  purchasedAt: isoTime.meta({ description: 'When.' }),
});

const { dropId: _dropId, ...stock } = InventoryUpdate.shape;

export const DropResponse = z
  .object({
    id: uuid.meta({ description: 'Id of the drop.' }),
    name: z.string().meta({ description: 'What is sold.' }),
    price: money.meta({
      description: 'Price of a unit: a decimal with two digits after the point, in every currency.',
      example: '175.00',
    }),
    currency: currencyCode,
    description: z.string().nullable().meta({ description: 'Plain text for buyers, with line breaks; null: none.' }),
    ...stock,
    availability: z.enum(['available', 'all_held', 'sold_out', 'closed']).meta({
      description:
        'Whether a unit can be reserved now: `available`; `all_held`, none is free, but held units may come back; `sold_out`, every ' +
        'unit is bought; `closed`, the drop is neither live nor sold out.',
    }),
    limitPerUser: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'Units that a user may reserve and purchase in all; null: no limit.' }),
    holdSeconds: z.int().min(1).meta({ description: 'How long a reservation that is made now holds its unit.' }),
    imageUrl: z.url().nullable().meta({ description: 'URL of a picture, absolute.' }),
    dropStartsAt: isoTime.meta({ description: 'When reserving opens.' }),
    dropEndsAt: isoTime.nullable().meta({ description: 'When reserving closes; null: never.' }),
    createdAt: isoTime.meta({ description: 'When the drop was created.' }),
    updatedAt: isoTime.meta({ description: 'When it last changed.' }),
    topPurchasers: z.array(TopPurchaser).max(3).meta({ description: 'The three latest purchasers, newest first.' }),
  })
  .meta({ id: 'Drop', description: 'A limited-edition drop and its stock.' });
export type DropResponse = z.infer<typeof DropResponse>;

/** The settings that a drop in the form of the API depends on. */
export interface DropResponseSettings {
  /** The base of the URLs of pictures on this server. */
  readonly publicUrl: string;
  /** How long a hold lasts unless its drop says. */
  readonly holdSeconds: number;
}

/** Returns a drop in the form of the API. */
export function toDropResponse(
  row: DetailedDropRow & Pick<DropResponse, 'topPurchasers'>,
  { publicUrl, holdSeconds }: DropResponseSettings,
): DropResponse {
  const { dropId: id, ...inventory } = toInventorySnapshot(row);
  return {
    id,
    name: row.name,
    price: row.price.toFixed(2),
    currency: row.currency,
    description: row.description,
    ...inventory,
    availability: availabilityOf(row),
    limitPerUser: row.limitPerUser,
    holdSeconds: row.holdSeconds ?? holdSeconds,
    imageUrl: absoluteUrl(row.imageUrl, publicUrl),
    dropStartsAt: toIso(row.dropStartsAt),
    dropEndsAt: toIsoOrNull(row.dropEndsAt),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
    topPurchasers: row.topPurchasers.map((purchaser) => ({ ...purchaser, purchasedAt: toIso(purchaser.purchasedAt) })),
  };
}

export interface DropEvents {
  new_drop: DropResponse;
  drop_update: DropResponse;
}

/**
 * The URL of an image: a path on this server is completed with PUBLIC_URL, a web URL stays as it is. Null for any other text and
 * for a URL with credentials, which the API refuses but which a manual edit of the database may contain.
 */
export function absoluteUrl(urlOrPath: string | null, publicUrl: string): string | null {
  const url = urlOrPath?.startsWith('/') ? publicUrl + urlOrPath : urlOrPath;
  return url !== null && /^https?:/i.test(url) && URL.canParse(url) && !hasCredentials(url) ? url : null;
}
