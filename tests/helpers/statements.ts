import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

type Send = (call: string | { text: string; submit?: unknown }, ...rest: unknown[]) => unknown;

/**
 * A client class for the service's pool that shows every statement before it is sent, and sends what it is given back.
 *
 * @param Base another such class, which is shown what this one sends.
 */
export function interceptStatements(change: (sql: string) => string, Base: PgClientClass = pg.Client): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      const query: Send = (call, ...rest) => {
        if (typeof call === 'string') return send(change(call), ...rest);
        if (!call.submit) return send({ ...call, text: change(call.text) }, ...rest);
        // A pg.Query: its answer goes to the object itself, so that it cannot be copied.
        call.text = change(call.text);
        return send(call, ...rest);
      };
      this.query = query as typeof this.query;
    }
  };
}

/** A client class, and what was sent through it so far. */
export interface RecordedStatements {
  readonly PgClient: PgClientClass;
  /** The statements that `work` sends. */
  during(work: () => Promise<unknown>): Promise<string[]>;
}

/** Records what the service sends to its database. */
export function recordStatements(): RecordedStatements {
  const statements: string[] = [];
  return {
    PgClient: interceptStatements((sql) => {
      statements.push(sql);
      return sql;
    }),
    async during(work) {
      const before = statements.length;
      await work();
      return statements.slice(before);
    },
  };
}
