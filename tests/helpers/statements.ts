import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What is done with the statements that a client sends. */
interface Interception {
  /** Sent in place of a statement. */
  readonly change?: (sql: string) => string;
  readonly sent?: (statement: Statement) => void;
  /** PostgreSQL has carried the statement out. */
  readonly answered?: (sql: string) => void;
}

type Send = (call: string | (Statement & { submit?: unknown }), ...rest: unknown[]) => unknown;

/**
 * A client class for the service's pool whose statements are watched, or changed.
 *
 * @param Base another such class, which is shown what this one sends.
 */
export function interceptStatements(
  { change = (sql) => sql, sent, answered }: Interception,
  Base: PgClientClass = pg.Client,
): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      const query: Send = (given, ...rest) => {
        const call = typeof given === 'string' ? { text: change(given) } : withText(given, change(given.text));
        sent?.(call);
        const answer = send(typeof given === 'string' ? call.text : call, ...rest);
        // Its failure is the business of whoever sent it.
        if (answer instanceof Promise) answer.then(() => answered?.(call.text)).catch(() => undefined);
        return answer;
      };
      this.query = query as typeof this.query;
    }
  };
}

/** A client class for the service's pool that sends what holds `text` only after `wait` has resolved. */
export function holdingBack(text: string, wait: () => Promise<void>, Base: PgClientClass = pg.Client): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      const query: Send = (call, ...rest) =>
        (typeof call === 'string' ? call : call.text).includes(text)
          ? wait().then(() => send(call, ...rest))
          : send(call, ...rest);
      this.query = query as typeof this.query;
    }
  };
}

/** Of a pg.Query the answer goes to the object itself, so that it cannot be copied. */
function withText<Call extends Statement & { submit?: unknown }>(call: Call, text: string): Call {
  return call.submit ? Object.assign(call, { text }) : { ...call, text };
}

/** A client class that remembers what it sends. */
export interface RecordingClient extends PgClientClass {
  /** The statements since the last call, of all clients of this class. */
  take(): Statement[];
  /** The statements that `work` sends. */
  during(work: () => Promise<unknown>): Promise<string[]>;
}

/** A client class for the service's pool that remembers every statement, for tests that count them. */
export function recordedStatements(): RecordingClient {
  let sent: Statement[] = [];

  return class extends interceptStatements({ sent: (statement) => sent.push(statement) }) {
    static take(): Statement[] {
      const taken = sent;
      sent = [];
      return taken;
    }

    static async during(work: () => Promise<unknown>): Promise<string[]> {
      this.take();
      await work();
      return this.take().map(({ text }) => text);
    }
  };
}
