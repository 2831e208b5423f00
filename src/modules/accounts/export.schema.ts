import { z } from 'zod';
import { currencyCode, isoTime, uuid } from '../../lib/validation/schema-primitives.js';
import { ProfileResponse } from '../auth/auth.schema.js';
import { PurchaseResponse } from '../purchases/purchases.schema.js';
import { ReservationResponse } from '../reservations/reservations.schema.js';
import { LedgerEntry } from '../stock/stock.schema.js';

const idempotencyKey = z
  .string()
  .nullable()
  .meta({ description: 'The `Idempotency-Key` of the request; null if it had none.' });
const currency = currencyCode.meta({ description: 'The currency of the price: a code of ISO 4217.' });
const dropName = z.string().meta({ description: 'The name of the drop now.' });

export const ExportResponse = z
  .object({
    exportedAt: isoTime.meta({ description: 'When the export began, by the server’s clock.' }),
    profile: ProfileResponse.extend({
      updatedAt: isoTime.meta({ description: 'When it last changed.' }),
      tokenVersion: z.int().min(0).meta({ description: 'How often all tokens of the account were ended.' }),
    }).meta({ id: 'ExportedProfile', description: 'The account, without the hash of its password.' }),
    lastChange: z
      .object({ transactionId: z.string().meta({ description: 'The number of the transaction in PostgreSQL.' }) })
      .nullable()
      .meta({ description: 'The last change that concerned the sockets of the account; null if there was none.' }),
    reservations: z
      .array(
        ReservationResponse.extend({
          settledAt: isoTime.nullable().meta({ description: 'When it ended; null while it is active.' }),
          currency,
          idempotencyKey,
          dropName,
        }).meta({ id: 'ExportedReservation', description: 'A reservation of the account.' }),
      )
      .meta({ description: 'All reservations, each once: active ones first.' }),
    purchases: z
      .array(
        PurchaseResponse.extend({ currency, idempotencyKey, dropName }).meta({
          id: 'ExportedPurchase',
          description: 'A purchase of the account.',
        }),
      )
      .meta({ description: 'All purchases, newest first.' }),
    createdDrops: z
      .array(
        z.object({
          id: uuid.meta({ description: 'Id of the drop.' }),
          name: dropName,
          idempotencyKey,
          createdAt: isoTime.meta({ description: 'When it was created.' }),
        }),
      )
      .meta({ description: 'The drops that the account created.' }),
    dropChanges: z
      .array(
        LedgerEntry.omit({ actor: true, role: true })
          .extend({
            dropId: uuid.meta({ description: 'Id of the drop.' }),
            dropName: dropName.nullable().meta({ description: 'The name of the drop now; null if it was deleted.' }),
            idempotencyKey,
          })
          .meta({ id: 'ExportedDropChange', description: 'A change of a drop that the account made as an admin.' }),
      )
      .meta({ description: 'The rows of the ledger that name the account, by drop and version.' }),
    disabledAccounts: z
      .array(
        z.object({
          id: uuid.meta({ description: 'Id of the disabled account.' }),
          disabledAt: isoTime.meta({ description: 'When it was disabled.' }),
        }),
      )
      .meta({ description: 'The accounts that this one disabled and that are disabled now.' }),
    enabledAccounts: z
      .array(
        z.object({
          id: uuid.meta({ description: 'Id of the account.' }),
          enabledAt: isoTime.meta({ description: 'When it was enabled.' }),
        }),
      )
      .meta({ description: 'The accounts that this one enabled again and that have not been disabled since.' }),
    endedTokens: z
      .array(
        z.object({
          id: uuid.meta({ description: 'The claim `jti` of the token.' }),
          expiresAt: isoTime.meta({ description: 'When the token would have expired.' }),
        }),
      )
      .meta({ description: 'Tokens that were ended by signing out, until a day after they would have expired.' }),
  })
  .meta({ id: 'AccountExport', description: 'Everything that is kept of a person, except the hash of the password.' });
export type ExportResponse = z.infer<typeof ExportResponse>;
