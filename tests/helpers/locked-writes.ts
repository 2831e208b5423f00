import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

const LOCK = /\bFROM drops\b[^;]*\bFOR (NO KEY )?UPDATE\b/;
/** Prisma's own methods quote the names and add the schema. */
const STOCK_WRITE =
  /\b(UPDATE|DELETE FROM)\s+("\w+"\.)?"?(drops|reservations)\b|\bINSERT INTO ("\w+"\.)?"?(reservations|purchases)\b/;

/**
 * A client class for the service's pool that refuses to write stock in a transaction that has not locked the drop of the
 * statement, a parameter of it: without the lock, what was decided may no longer be true when it is written.
 *
 * @param Base another such class. This one checks the statements before that one changes them.
 */
export function requiringLock(Base: PgClientClass = pg.Client): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const locked = new Set<unknown>();
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      this.query = ((call: string | { readonly text: string; readonly values?: unknown[] }, ...rest: unknown[]) => {
        const text = typeof call === 'string' ? call : call.text;
        const parameters = (typeof call === 'object' ? call.values : undefined) ?? [];
        if (/^(BEGIN|COMMIT|ROLLBACK)\b/.test(text)) locked.clear();
        if (STOCK_WRITE.test(text) && !parameters.some((value) => locked.has(value))) {
          return Promise.reject(new Error(`Stock is written without the lock of its drop: ${text}`));
        }
        if (LOCK.test(text)) for (const value of parameters) locked.add(value);
        return send(call, ...rest);
      }) as typeof this.query;
    }
  };
}
