import { createHash } from 'node:crypto';
import pg from 'pg';
import { Prisma } from '../../generated/prisma/client.js';
import type { Logger } from '../logger.js';

const MARK = '/* prepared */';

/**
 * Put before a statement of a transaction that is sent often, and is one of a few texts: each connection has PostgreSQL parse
 * and plan it once in a while, in place of every time.
 */
export const PREPARED = Prisma.raw(MARK);

/**
 * ms. A plan is made for the tables as they are; one for an empty table reads all of it, and a crowd fills it within
 * seconds. PostgreSQL itself makes new ones when it has gathered statistics, a minute later.
 */
const PLAN_LIFETIME = 250;

type Send = (call: string | { readonly text: string; readonly name?: string }, ...rest: unknown[]) => unknown;

/** SQLSTATE of what is rolled back for certain, and worth another try. */
const SERIALIZATION_FAILURE = '40001';
/** For whoever operates the service, when preparing does not work. */
const ADVICE =
  'If there is a pooler, say so with ?pgbouncer=true. If a column has changed its type, restart the service.';

/**
 * A client class that prepares the statements marked with {@link PREPARED}, and throws their plans away after 250 ms. If that
 * turns out not to work (see {@link isUnusable}), the transaction fails as for a serialization failure, so that it is run
 * again; no connection of this class prepares anything from then on, and the log says so.
 */
export function preparing(Client: typeof pg.Client, logger: Logger): typeof pg.Client {
  let prepares = true;

  function giveUpIfUnusable(error: unknown): never {
    if (error instanceof pg.DatabaseError && isUnusable(error)) {
      if (prepares) logger.warn({ reason: error.message, advice: ADVICE }, 'statements are no longer prepared');
      prepares = false;
      throw Object.assign(error, { code: SERIALIZATION_FAILURE });
    }
    throw error;
  }

  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      /** ms, of `performance.now()`: when the first of the plans was made. */
      let plannedAt: number | undefined;

      const query: Send = (call, ...rest) => {
        if (typeof call === 'string' || !prepares) return send(call, ...rest);
        // With a callback it is not the statement of a transaction.
        if (call.text.startsWith(MARK) && rest.length === 0) {
          plannedAt ??= performance.now();
          return (send({ ...call, name: nameOf(call.text) }) as Promise<unknown>).catch(giveUpIfUnusable);
        }
        const answer = send(call, ...rest);
        const isStale = plannedAt !== undefined && performance.now() - plannedAt > PLAN_LIFETIME;
        if (call.text !== 'BEGIN' || rest.length > 0 || !isStale) return answer;
        plannedAt = undefined;
        // Within the transaction, so that it reaches the session of the statements that follow. The transaction begins when
        // both have succeeded: a statement behind a failed one would fail for a reason that is not its own.
        return Promise.all([answer, send('DISCARD PLANS')]).then(([begun]) => begun);
      };
      this.query = query as typeof this.query;
    }
  };
}

/**
 * Whether PostgreSQL cannot carry out a prepared statement, for a reason that lies in its being prepared: a migration has
 * changed the type of a column that it gives back; or behind a pooler that nobody has told of, the session is another one
 * each time, which does not know the statement or knows it already.
 */
function isUnusable({ code, routine }: pg.DatabaseError): boolean {
  switch (code) {
    case '26000':
    case '42P05':
      return true;
    // Of what PostgreSQL calls "not supported" this alone; its words are in the server's language.
    case '0A000':
      return routine === 'RevalidateCachedQuery';
    default:
      return false;
  }
}

const names = new Map<string, string>();

/** The same for the same text in every process: they may share a session without knowing it. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    names.set(text, name);
  }
  return name;
}
