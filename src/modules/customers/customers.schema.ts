import { z } from 'zod';
import { ReservationStatus } from '../../generated/prisma/enums.js';
import { fieldNames } from '../../lib/validation/field-names.js';
import { currencyCode, isoTime, pageQuery, searchText, uuid } from '../../lib/validation/schema-primitives.js';
import { PurchaseResponse } from '../purchases/purchases.schema.js';
import { ReservationResponse } from '../reservations/reservations.schema.js';

const DEFAULT_PAGE_SIZE = 50;
/** As long as an e-mail can be. */
const MAX_SEARCH_LENGTH = 254;

export const ListDropPurchasesQuery = z.object({
  ...pageQuery(DEFAULT_PAGE_SIZE),
  q: searchText(MAX_SEARCH_LENGTH, 'Only those of users whose username or e-mail contains this text'),
});
export type ListDropPurchasesQuery = z.infer<typeof ListDropPurchasesQuery>;

export const ListDropReservationsQuery = ListDropPurchasesQuery.extend({
  status: z
    .enum(ReservationStatus)
    .optional()
    .meta({ description: 'Only reservations with this status.' })
    .register(fieldNames, { mistakenFor: ['state'] }),
});
export type ListDropReservationsQuery = z.infer<typeof ListDropReservationsQuery>;

const currency = currencyCode.meta({ description: 'The currency of the price: a code of ISO 4217.' });

const user = z
  .object({
    id: uuid.meta({ description: 'Id of the user.' }),
    username: z.string().meta({ description: 'The name.' }),
    email: z.string().meta({ description: 'The e-mail.' }),
  })
  .meta({ description: 'The account now. One that was erased has neither its former name nor its former e-mail.' });

export const ReservationWithUserResponse = ReservationResponse.extend({
  settledAt: isoTime.nullable().meta({ description: 'When it ended; null while it is active.' }),
  currency,
  user,
}).meta({ id: 'ReservationWithUser', description: 'A reservation, and who made it.' });
export type ReservationWithUserResponse = z.infer<typeof ReservationWithUserResponse>;

export const PurchaseWithUserResponse = PurchaseResponse.extend({ currency, user }).meta({
  id: 'PurchaseWithUser',
  description: 'A purchase, and who made it.',
});
export type PurchaseWithUserResponse = z.infer<typeof PurchaseWithUserResponse>;
