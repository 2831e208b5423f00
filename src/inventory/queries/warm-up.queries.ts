import { uuidList } from '../../lib/db/sql.js';
import type { Transaction } from '../../lib/db/database.js';

/** Units of each of the drops. */
const STOCK = 1_000;

/** Creates live drops and accounts that cannot sign in, for a transaction that is rolled back. */
export async function insertForWarmUp(
  tx: Transaction,
  { dropIds, userIds }: { readonly dropIds: readonly string[]; readonly userIds: readonly string[] },
): Promise<void> {
  await tx.$executeRaw`
    WITH accounts AS (
      INSERT INTO users (id, username, email, password_hash)
      SELECT id, id::text, id::text, 'none' FROM unnest(string_to_array(${uuidList(userIds)}, ',')::uuid[]) AS id
    )
    INSERT INTO drops (id, name, price, total_stock)
    SELECT id, 'Warm-up', 1, ${STOCK}::int FROM unnest(string_to_array(${uuidList(dropIds)}, ',')::uuid[]) AS id`;
}
