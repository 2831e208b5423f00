import type { Database, Transaction } from './database.js';

type Handler = (tx: Transaction) => Promise<unknown>;

/**
 * Returns the client with interactive transactions that are rolled back in place of their COMMIT: their handlers run and return as
 * ever, and nothing that they write stays. Statements outside of transactions are sent as they are.
 *
 * @param begin runs first in each transaction: what it writes exists for the handler alone.
 */
export function withoutCommits(db: Database, begin: (tx: Transaction) => Promise<void>): Database {
  /** Thrown to end a transaction whose handler has returned. */
  const rollback = new Error('The transaction is rolled back');

  async function runTransaction(handler: Handler, options?: object): Promise<unknown> {
    let result: unknown;
    try {
      await db.$transaction(async (tx) => {
        await begin(tx);
        result = await handler(tx);
        throw rollback;
      }, options);
    } catch (error) {
      if (error !== rollback) throw error;
    }
    return result;
  }

  return new Proxy(db, {
    get: (target, name): unknown => (name === '$transaction' ? runTransaction : Reflect.get(target, name)),
  });
}
