import { createHash } from 'node:crypto';
import pg from 'pg';
import { Prisma } from '../../generated/prisma/client.js';

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

/**
 * A client class that prepares the statements marked with {@link PREPARED}, and throws their plans away after 250 ms. A
 * connection on which that turns out not to work (see {@link isStatementUnusable}) sends them unprepared from then on.
 */
export function preparing(Client: typeof pg.Client): typeof pg.Client {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      let prepares = true;
      /** ms, of `performance.now()`: when the first of the plans was made. */
      let plannedAt: number | undefined;

      function sendPrepared(text: string, call: object): unknown {
        plannedAt ??= performance.now();
        const answer = send({ ...call, text, name: nameOf(text) }) as Promise<unknown>;
        answer.catch((error: unknown) => {
          if (error instanceof pg.DatabaseError && isStatementUnusable(error.code, error.message)) prepares = false;
        });
        return answer;
      }

      const query: Send = (call, ...rest) => {
        if (typeof call === 'string') return send(call, ...rest);
        if (prepares && call.text.startsWith(MARK)) return sendPrepared(call.text, call);
        if (call.text === 'BEGIN' && plannedAt !== undefined && performance.now() - plannedAt > PLAN_LIFETIME) {
          plannedAt = undefined;
          // What fails here fails for the BEGIN too, which is sent right behind it.
          (send('DISCARD PLANS') as Promise<unknown>).catch(() => undefined);
        }
        return send(call, ...rest);
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
export function isStatementUnusable(sqlState: string | undefined, message: string): boolean {
  switch (sqlState) {
    case '26000':
    case '42P05':
      return true;
    case '0A000':
      return message.includes('cached plan');
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
