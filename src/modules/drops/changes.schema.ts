import { z } from 'zod';
import { fieldNames } from '../../lib/validation/field-names.js';
import { reason } from '../../lib/validation/text.js';
import { isAfter } from '../../lib/time.js';
import { CreateDropBody } from './drops.schema.js';
import { currency } from './values.schema.js';

const { name, price, description, imageUrl, dropStartsAt, dropEndsAt, limitPerUser, holdSeconds } =
  CreateDropBody.shape;

const details = {
  name: name.optional(),
  price: price.optional(),
  currency: currency
    .optional()
    .meta({
      description: 'The currency of the price: a code of ISO 4217. It stays once a unit was reserved.',
      example: 'EUR',
    })
    .register(fieldNames, { label: 'The currency', mistakenFor: ['currencyCode'] }),
  description: description.meta({
    description:
      'What buyers should know of it: plain text with line breaks, without other control characters. Null: none.',
  }),
  imageUrl: imageUrl.meta({
    description: 'A picture: a URL without credentials, or a path on this server. Null: none.',
  }),
  dropStartsAt: dropStartsAt.meta({ description: 'When reserving opens. Null: now.' }),
  dropEndsAt: dropEndsAt.meta({ description: 'When reserving closes. Null: never.' }),
  limitPerUser: limitPerUser.meta({
    description: 'Units that a user may reserve and purchase in all. Null: no limit.',
  }),
  holdSeconds: holdSeconds.meta({
    description:
      'How long a reservation that is made from then on holds its unit. Null: as long as the setting of the server says.',
  }),
};

/** Members that are left out stay as they are. */
export const ChangeDropBody = z
  .strictObject(details)
  .refine((body) => Object.values<unknown>(body).some((value) => value !== undefined), {
    error: `must have at least one of: ${Object.keys(details).join(', ')}`,
    // A body of unknown members only is refused for them.
    when: ({ issues }) => issues.length === 0,
  })
  .refine((body) => !body.dropStartsAt || !body.dropEndsAt || isAfter(body.dropEndsAt, body.dropStartsAt), {
    path: ['dropEndsAt'],
    error: 'must be after the start',
  })
  .meta({ id: 'ChangeDropBody', minProperties: 1 });
export type ChangeDropBody = z.infer<typeof ChangeDropBody>;

/** What an admin does to the state of a drop. */
export type DropAction = 'publish' | 'pause' | 'resume' | 'end' | 'cancel';

/** The body may be left out. */
export const DropActionBody = z
  .strictObject({
    reason: reason
      .optional()
      .meta({ description: 'Why, for the ledger. It is kept for good.', example: 'The supplier delivers later' }),
  })
  .default({})
  .meta({ id: 'DropActionBody' });
export type DropActionBody = z.output<typeof DropActionBody>;
