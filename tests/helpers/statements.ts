import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Hooks around the statements that a client sends. */
interface Interception {
  /** Returns the statement to send in place of the given one. */
  readonly rewrite?: (sql: string) => string;
  readonly onSent?: (statement: Statement) => void;
  /** Called when PostgreSQL has run the statement. */
  readonly onCompleted?: (sql: string) => void;
  /** Called when PostgreSQL has refused the statement. */
  readonly onFailed?: (sql: string, error: unknown) => void;
}

type Send = (call: string | (Statement & { submit?: unknown }), ...rest: unknown[]) => unknown;

const textOf = (call: Parameters<Send>[0]) => (typeof call === 'string' ? call : call.text);

/** A client class whose `query` is what `wrap` makes of that of `Base`. */
function clientThatSends(Base: PgClientClass, wrap: (send: Send, client: pg.Client) => Send): PgClientClass {
  return class extends Base {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      this.query = wrap(this.query.bind(this), this) as typeof this.query;
    }
  };
}

/**
 * A client class for the service's pool whose statements are observed or changed.
 *
 * @param Base another such class, which receives the statements as this one sends them.
 */
export function interceptStatements(
  { rewrite = (sql) => sql, onSent, onCompleted, onFailed }: Interception,
  Base: PgClientClass = pg.Client,
): PgClientClass {
  return clientThatSends(Base, (send) => (given, ...rest) => {
    const call = typeof given === 'string' ? { text: rewrite(given) } : withText(given, rewrite(given.text));
    onSent?.(call);
    const result = send(typeof given === 'string' ? call.text : call, ...rest);
    // The sender handles the failure.
    if (result instanceof Promise) {
      result.then(
        () => onCompleted?.(call.text),
        (error: unknown) => onFailed?.(call.text, error),
      );
    }
    return result;
  });
}

/** A client class for the service's pool that sends statements with `text` only after `wait` has resolved. */
export function delayingStatements(
  text: string,
  wait: () => Promise<void>,
  Base: PgClientClass = pg.Client,
): PgClientClass {
  return clientThatSends(Base, (send, client) => (call, ...rest) => {
    if (!textOf(call).includes(text)) return send(call, ...rest);
    // No answer is due: the service would take a session that is idle meanwhile for lost, and fail the query.
    client.emit('drain');
    return wait().then(() => send(call, ...rest));
  });
}

/** A client class for the service's pool that hands over the results of statements with `text` only after `wait` has resolved. */
export function delayingResults(
  text: string,
  wait: () => Promise<void>,
  Base: PgClientClass = pg.Client,
): PgClientClass {
  return clientThatSends(Base, (send) => (call, ...rest) => {
    if (!textOf(call).includes(text)) return send(call, ...rest);
    const callback = rest.at(-1);
    if (typeof callback !== 'function') {
      return (send(call, ...rest) as Promise<unknown>).then((result) => wait().then(() => result));
    }
    const handOver = (...outcome: unknown[]) =>
      void wait().then(() => (callback as (...given: unknown[]) => void)(...outcome));
    return send(call, ...rest.slice(0, -1), handOver);
  });
}

/** A pg.Query receives its result itself, so it is changed and not copied. */
function withText<Call extends Statement & { submit?: unknown }>(call: Call, text: string): Call {
  return call.submit ? Object.assign(call, { text }) : { ...call, text };
}

/** A client class that records the statements it sends. */
export interface RecordingClient extends PgClientClass {
  /** Returns the statements of all clients of this class since the last call. */
  take(): Statement[];
  /** Returns the statements that `work` sends. */
  during(work: () => Promise<unknown>): Promise<string[]>;
}

/** A client class for the service's pool that records every statement. */
export function recordedStatements(): RecordingClient {
  let sent: Statement[] = [];

  return class extends interceptStatements({ onSent: (statement) => sent.push(statement) }) {
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
