import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

/** A client class that remembers what it sends. */
export interface RecordingClient extends PgClientClass {
  /** The statements since the last call, of all clients of this class. */
  take(): string[];
}

/** A client class for the service's pool that remembers every statement, for tests that count them. */
export function recordedStatements(): RecordingClient {
  let sent: string[] = [];

  return class extends pg.Client {
    static take(): string[] {
      const taken = sent;
      sent = [];
      return taken;
    }

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as (call: string | { text: string }, ...rest: unknown[]) => unknown;
      const query: typeof send = (call, ...rest) => {
        sent.push(typeof call === 'string' ? call : call.text);
        return send(call, ...rest);
      };
      this.query = query as typeof this.query;
    }
  };
}
