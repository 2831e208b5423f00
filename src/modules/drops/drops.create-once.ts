import { hash } from 'node:crypto';
import { Prisma } from '../../generated/prisma/client.js';
import type { Transaction } from '../../lib/db/database.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import { AccountGoneError, OverloadedError, ValidationError } from '../../lib/errors/index.js';
import { DROP_COLUMNS, type DropRow } from '../../inventory/drop-row.js';
import { TOP_PURCHASERS, type DropWithPurchasers } from './drops.queries.js';
import type { CreateDropBody } from './drops.schema.js';

/** A request to create a drop. */
export interface CreateRequest {
  /** The id that the drop will have, by which a second run of the transaction finds what the first run wrote. */
  readonly id: string;
  readonly body: CreateDropBody;
  /** Id of the admin. */
  readonly createdBy: string;
  readonly idempotencyKey: string | null;
  /** Null without a key. */
  readonly requestHash: string | null;
}

export type CreatedDrop = DropWithPurchasers & { readonly requestHash: string | null };

/** Finds the drop that an earlier request with the same key created, or an earlier run of this one; or creates it. */
export async function createOnce(
  tx: Transaction,
  request: CreateRequest,
  mayHaveCommitted: boolean,
): Promise<CreatedDrop> {
  const { id, body, createdBy, idempotencyKey, requestHash } = request;
  const isIt =
    idempotencyKey === null
      ? Prisma.sql`d.id = ${id}::uuid`
      : Prisma.sql`d.created_by = ${createdBy}::uuid AND d.idempotency_key = ${idempotencyKey}`;
  const find = () => tx.$queryRaw<CreatedDrop[]>`
    SELECT ${DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers", d.request_hash AS "requestHash"
    FROM drops d ${TOP_PURCHASERS}
    WHERE ${isIt}`;

  if (idempotencyKey !== null || mayHaveCommitted) {
    // Before the INSERT, which would be refused if the end of the drop has been reached meanwhile.
    const [earlier] = await find();
    if (earlier) return earlier;
  }
  const [created] = await tx.$queryRaw<DropRow[]>`
    INSERT INTO drops AS d (id, name, price, total_stock, image_url, drop_starts_at, drop_ends_at, limit_per_user,
                            created_by, idempotency_key, request_hash)
    VALUES (${id}::uuid, ${body.name}, ${body.price}::numeric, ${body.totalStock}, ${body.imageUrl ?? null},
            coalesce(${body.dropStartsAt ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())),
            ${body.dropEndsAt ?? null}::timestamptz, ${body.limitPerUser ?? null}::int,
            ${createdBy}::uuid, ${idempotencyKey}, ${requestHash})
    ON CONFLICT DO NOTHING
    RETURNING ${DROP_COLUMNS}`;
  if (created) return { ...created, topPurchasers: [], requestHash };
  // The INSERT waited for a transaction with the same key or id, which was then committed.
  const [concurrent] = await find();
  if (!concurrent) throw new OverloadedError();
  return concurrent;
}

/** A hash of a request. The order of its members is of no account, and a member that is null is as if it were left out. */
export function hashOf(body: CreateDropBody): string {
  const given = Object.entries<unknown>(body).filter(([, value]) => value !== null && value !== undefined);
  return hash('sha256', JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1))), 'hex');
}

/** Gives a constraint that refused the drop the answer that a check would have given. */
export function explainViolation(error: unknown): never {
  switch (violatedConstraint(error)) {
    // With the start left out, only the database can compare it with the end.
    case 'drops_ends_after_start':
      throw new ValidationError([{ path: 'body.dropEndsAt', message: 'must be after the start', label: 'The end' }]);
    case 'drops_created_by_fkey':
      throw new AccountGoneError();
    default:
      throw error;
  }
}
