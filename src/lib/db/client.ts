import pg from 'pg';

/** A class of PostgreSQL clients: pg's own, or one that is built on it. */
export type PgClientClass = typeof pg.Client;

/**
 * A client class whose connections may be lost at any moment without ending the process: each instance has an 'error' listener
 * from its construction on. Node ends a process for an 'error' event without a listener, and pg-pool and Prisma's adapter add
 * and remove theirs as a client is connected, checked out and released: between two of them there is none.
 *
 * The listener has nothing to do. The query in flight rejects, a later one is refused, and pg-pool removes the client.
 */
export function survivingLoss(Client: PgClientClass): PgClientClass {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      this.on('error', () => undefined);
    }
  };
}

/** The client class for every connection outside the pool. */
export const PgClient = survivingLoss(pg.Client);
