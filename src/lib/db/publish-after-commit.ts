import { AsyncLocalStorage } from 'node:async_hooks';
import type { Publish } from '../publish.js';
import type { Database } from './database.js';

/**
 * Returns a port that throws when code inside one of the client's interactive transactions publishes: an event must follow its
 * COMMIT, and a transaction that is rolled back must publish nothing. For development and tests, not for production, since
 * following the transactions through asynchronous calls costs time in every promise on Node 20 and 22.
 */
export function publishAfterCommit<Events>(db: Database, publish: Publish<Events>): Publish<Events> {
  const transactions = new AsyncLocalStorage<{ isOpen: boolean }>();
  const begin = db.$transaction.bind(db) as (handler: unknown, options?: object) => Promise<unknown>;

  async function runTransaction(handler: (tx: unknown) => Promise<unknown>, options?: object): Promise<unknown> {
    const transaction = { isOpen: true };
    try {
      return await begin((tx: unknown) => transactions.run(transaction, () => handler(tx)), options);
    } finally {
      transaction.isOpen = false;
    }
  }

  db.$transaction = ((handler: unknown, options?: object) =>
    typeof handler === 'function'
      ? runTransaction(handler as (tx: unknown) => Promise<unknown>, options)
      : begin(handler, options)) as Database['$transaction'];

  return (...event) => {
    if (transactions.getStore()?.isOpen) throw new Error(`Published ${String(event[0])} inside a transaction`);
    publish(...event);
  };
}
