import { createHash } from 'node:crypto';
import type pg from 'pg';
import { Prisma } from '../../generated/prisma/client.js';
import type { Logger } from '../logger.js';

const MARK = '/* prepared */';

/**
 * Marks a statement that is prepared, and stands at its start. Such a statement is sent often, always in the same text, in a
 * transaction. Each connection parses it once, and plans it once in {@link PLAN_LIFETIME_MS}.
 */
export const PREPARED = Prisma.raw(MARK);

/**
 * How long a session keeps its plans. A plan for an empty table reads all of the table, and the table fills within seconds in
 * a rush; PostgreSQL replaces the plan after its next ANALYZE, a minute later.
 *
 * `plan_cache_mode = force_custom_plan` would need no such limit, but a full batch takes longer with it: PostgreSQL
 * then plans the query of each foreign key for each row. See docs/adr/0015.
 */
export const PLAN_LIFETIME_MS = 250;

/** SQLSTATE of a transaction that is rolled back for certain and runs again. */
const SERIALIZATION_FAILURE = '40001';
const ADVICE =
  'Behind a pooler, add ?pgbouncer=true to DATABASE_URL. After a column has changed its type, restart the service';

export interface PreparedStatements {
  /** The name under which a statement is prepared; undefined for one that is not. */
  nameOf(sql: string): string | undefined;
  /**
   * Called with each error from the server. If a prepared statement cannot be used, the error becomes a serialization failure, so that the
   * transaction runs again, and nothing is prepared from then on.
   */
  onServerError(error: pg.DatabaseError): void;
}

/** The prepared statements of all connections of a pool. */
export function createPreparedStatements(logger: Logger): PreparedStatements {
  const names = new Map<string, string>();
  let isPreparing = true;

  return {
    nameOf(sql) {
      if (!isPreparing || !sql.startsWith(MARK)) return undefined;
      let name = names.get(sql);
      if (name === undefined) {
        // The same for the same text in every process: a pooler may have them share a session.
        name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
        names.set(sql, name);
      }
      return name;
    },
    onServerError(error) {
      if (!isUnusable(error)) return;
      if (isPreparing) logger.warn({ reason: error.message, advice: ADVICE }, 'Statements are no longer prepared');
      isPreparing = false;
      error.code = SERIALIZATION_FAILURE;
    },
  };
}

/**
 * Whether the cause of an error is that the statement is prepared: a migration has changed the type of a column in its result;
 * or a pooler that the settings do not name gives each transaction another session, in which the statement does not exist or
 * exists already.
 */
function isUnusable({ code, routine }: pg.DatabaseError): boolean {
  switch (code) {
    case '26000':
    case '42P05':
      return true;
    // One of many errors with this SQLSTATE, distinguished by its routine: the message is in the server's language.
    case '0A000':
      return routine === 'RevalidateCachedQuery';
    default:
      return false;
  }
}
