import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';

/** A client class that changes what it sends. */
export interface RewritingClient extends PgClientClass {
  /** Throws unless this class, and each one below it, has found its text: a control that changed nothing shows nothing. */
  assertUsed(): void;
}

type Send = (call: string | { text: string; submit?: unknown }, ...rest: unknown[]) => unknown;

/**
 * A client class for the service's pool that takes a protection out of every statement, so that the service's own code
 * runs without it. For negative controls: they show what the protection is for, and that the test beside them can fail.
 *
 * @param Base another of these, to change more than one thing.
 */
export function withoutProtection(
  pattern: string | RegExp,
  replacement: string,
  Base: PgClientClass & Partial<RewritingClient> = pg.Client,
): RewritingClient {
  let used = false;

  function rewrite(sql: string): string {
    const changed = sql.replace(pattern, replacement);
    used ||= changed !== sql;
    return changed;
  }

  return class extends Base {
    static override assertUsed(): void {
      if (!used) throw new Error(`No statement was sent that holds ${pattern}`);
      Base.assertUsed?.();
    }

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as Send;
      const query: Send = (call, ...rest) => {
        if (typeof call === 'string') return send(rewrite(call), ...rest);
        if (!call.submit) return send({ ...call, text: rewrite(call.text) }, ...rest);
        // A pg.Query: its answer goes to the object itself, so that it cannot be copied.
        call.text = rewrite(call.text);
        return send(call, ...rest);
      };
      this.query = query as typeof this.query;
    }
  };
}

/**
 * The same, to widen the gap that a race needs: the statement takes longer, and nothing else. The run with the protection
 * gets the same gap as the control without it.
 */
export const withPause = withoutProtection;
