import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from './db/database.js';

/**
 * Publishes an event after the commit: `publish('user_created', user)`. Never throws and never waits. Services depend on this port;
 * only the broadcaster, which implements it, uses Socket.io.
 *
 * @typeParam Events payloads by event name; each feature declares its own beside its schemas.
 */
export type Publish<Events> = (...event: PublishedEvent<Events>) => void;

export type PublishedEvent<Events> = { [Name in keyof Events]: [event: Name, payload: Events[Name]] }[keyof Events];

/** Returns a port that publishes to each of the ports, in order. */
export function publishToAll<Events>(...ports: readonly Publish<Events>[]): Publish<Events> {
  return (...event) => {
    for (const publish of ports) publish(...event);
  };
}

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
