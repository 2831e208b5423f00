import type pg from 'pg';
import { sessionParameters, type TimeLimits } from './session-settings.js';

/** READ COMMITTED, since a statement after a lock has to see what was committed while it was waited for. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
/** SQLSTATE check_violation. */
const CHECK_VIOLATION = '23514';

/** Unless the connection string says otherwise: PGSSLNEGOTIATION may be meant for another server. */
const NEGOTIATION: object = { sslnegotiation: 'postgres' };

/** The parameters that pg sends for a new session; a method that its types leave out. */
interface Startup {
  getStartupConf(): Record<string, string>;
}

/**
 * A client class whose sessions have the settings that the service depends on, whatever the defaults of the role, the
 * database, the server and the environment (PGOPTIONS, PGREPLICATION, PGSSLNEGOTIATION) are; and whose transactions state their mode, which a
 * pooler cannot keep from them.
 */
export function withSessionSettings(Client: typeof pg.Client, url: string, limits?: TimeLimits): typeof pg.Client {
  const parameters = sessionParameters(url, limits);
  const options = new URL(url).searchParams.get('options');

  return class extends Client implements Startup {
    constructor(config?: string | pg.ClientConfig) {
      super(typeof config === 'string' ? config : { ...NEGOTIATION, ...config });
      // Before pg's own listener. Prisma's driver adapter passes on the name of every other violated constraint, but of a CHECK
      // only the field `column`, which PostgreSQL leaves empty.
      this.connection.prependListener('errorMessage', (error: pg.DatabaseError) => {
        if (error.code === CHECK_VIOLATION) error.column ??= error.constraint;
      });
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      const query: typeof send = (call, ...rest) => send(withMode(call), ...rest);
      this.query = query as typeof this.query;
    }

    getStartupConf(): Record<string, string> {
      const startup = (Client.prototype as unknown as Startup).getStartupConf.call(this);
      // Both may come from the environment; the connection string may hold `options` that a proxy needs.
      delete startup.replication;
      delete startup.options;
      return { ...startup, ...(options !== null && { options }), ...parameters };
    }
  };
}

function withMode(call: unknown): unknown {
  if (call === 'BEGIN') return BEGIN;
  const isBegin = typeof call === 'object' && call !== null && 'text' in call && call.text === 'BEGIN';
  return isBegin ? { ...call, text: BEGIN } : call;
}
