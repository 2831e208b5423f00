import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

const LOCK = /\bFROM drops\b[^;]*\bFOR (NO KEY )?UPDATE\b/;
/** Prisma's own methods quote the names and add the schema. */
const STOCK_WRITE =
  /\b(UPDATE|DELETE FROM)\s+("\w+"\.)?"?(drops|reservations)\b|\bINSERT INTO ("\w+"\.)?"?(reservations|purchases)\b/;

/**
 * A client class for the service's pool that refuses to write stock in a transaction that has not locked a drop: without the
 * lock, what was decided may no longer be true when it is written.
 *
 * @param Base another such class. This one checks the statements before that one changes them.
 */
export function requiringLock(Base: PgClientClass = pg.Client): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      let isLocked = false;
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      this.query = ((call: string | { readonly text: string }, ...rest: unknown[]) => {
        const text = typeof call === 'string' ? call : call.text;
        if (/^(BEGIN|COMMIT|ROLLBACK)\b/.test(text)) isLocked = false;
        if (STOCK_WRITE.test(text) && !isLocked) {
          return Promise.reject(new Error(`Stock is written without the lock of its drop: ${text}`));
        }
        if (LOCK.test(text)) isLocked = true;
        return send(call, ...rest);
      }) as typeof this.query;
    }
  };
}
