import type { PgClientClass } from '../../src/lib/db/database.js';
import { interceptStatements } from './statements.js';

/** A client class that rewrites statements. */
export interface RewritingClient extends PgClientClass {
  /** Throws unless this class and each of its bases found its text: a control that changed nothing proves nothing. */
  assertUsed(): void;
}

/**
 * A client class for the service's pool that removes a protection from every statement, so that the service's own code runs
 * without it. For negative controls, which show that the protection is needed and that the test beside them can fail.
 *
 * @param Base another such class, to change more than one thing.
 */
export function withoutProtection(
  pattern: string | RegExp,
  replacement: string,
  Base?: PgClientClass & Partial<RewritingClient>,
): RewritingClient {
  let used = false;

  const rewrite = (sql: string) => {
    const changed = sql.replace(pattern, replacement);
    used ||= changed !== sql;
    return changed;
  };

  return class extends interceptStatements({ rewrite }, Base) {
    static assertUsed(): void {
      if (!used) throw new Error(`No statement was sent that holds ${pattern}`);
      Base?.assertUsed?.();
    }
  };
}

/**
 * The same function, to widen the gap of a race: the statement takes longer, and nothing else changes. The run with the
 * protection has the same gap as the control without it.
 */
export const withPause = withoutProtection;
