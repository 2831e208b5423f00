import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** A client class that remembers what it sends. */
export interface RecordingClient extends PgClientClass {
  /** The statements since the last call, of all clients of this class. */
  take(): Statement[];
}

/** A client class for the service's pool that remembers every statement, for tests that count them. */
export function recordedStatements(): RecordingClient {
  let sent: Statement[] = [];

  return class extends pg.Client {
    static take(): Statement[] {
      const taken = sent;
      sent = [];
      return taken;
    }

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as (call: string | Statement, ...rest: unknown[]) => unknown;
      const query: typeof send = (call, ...rest) => {
        sent.push(typeof call === 'string' ? { text: call } : call);
        return send(call, ...rest);
      };
      this.query = query as typeof this.query;
    }
  };
}
