import type { Socket } from 'node:net';
import type pg from 'pg';

/**
 * ms. Longer than the server itself waits for a lock, and shorter than a request does for its answer. A server that has
 * said nothing for so long is stopped, or cannot be reached any more: its own time limits do not help then.
 */
const SILENCE_LIMIT = 8_000;

/**
 * A client class that gives up a connection on which a query was sent and nothing has come back for 8 s. All that was asked
 * on it fails as if the connection had been lost, which it may well have been: nobody may have told. During a COMMIT that
 * leaves the outcome open.
 */
export function withReadTimeout(Client: typeof pg.Client, limit = SILENCE_LIMIT): typeof pg.Client {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // Not pg's query_timeout: that one leaves the connection in use, and what is sent next waits behind the silent query.
      this.once('connect', () => {
        const stream = socketOf(this);
        stream.on('timeout', () => {
          stream.destroy(new Error(`Connection terminated: the database was silent for ${limit} ms`));
        });
      });
      this.on('drain', () => socketOf(this).setTimeout(0));
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      const query: typeof send = (...args) => {
        socketOf(this).setTimeout(limit);
        return send(...args);
      };
      this.query = query as typeof this.query;
    }
  };
}

/** With TLS it is another one once the connection stands. */
function socketOf({ connection }: pg.Client): Socket {
  return connection.stream as Socket;
}

/** Whether a connection was given up for its silence: then the database has not been there for that long. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.includes('the database was silent');
}
