/** A table whose rows are unique by user and idempotency key: Prisma's delegate of reservations or purchases. */
interface KeyedRows {
  count(query: { where: { userId: string; idempotencyKey: string } }): Promise<number>;
}

/** Whether a request of the user with this key has succeeded before. */
export async function isKeyUsed(rows: KeyedRows, userId: string, idempotencyKey: string | undefined): Promise<boolean> {
  return idempotencyKey !== undefined && (await rows.count({ where: { userId, idempotencyKey } })) > 0;
}
