import type { PgClientClass } from '../../src/lib/db/database.js';
import { interceptStatements } from './statements.js';

/** A client class that changes what it sends. */
export interface RewritingClient extends PgClientClass {
  /** Throws unless this class, and each one below it, has found its text: a control that changed nothing shows nothing. */
  assertUsed(): void;
}

/**
 * A client class for the service's pool that takes a protection out of every statement, so that the service's own code
 * runs without it. For negative controls: they show what the protection is for, and that the test beside them can fail.
 *
 * @param Base another of these, to change more than one thing.
 */
export function withoutProtection(
  pattern: string | RegExp,
  replacement: string,
  Base?: PgClientClass & Partial<RewritingClient>,
): RewritingClient {
  let used = false;

  const change = (sql: string) => {
    const changed = sql.replace(pattern, replacement);
    used ||= changed !== sql;
    return changed;
  };

  return class extends interceptStatements({ change }, Base) {
    static assertUsed(): void {
      if (!used) throw new Error(`No statement was sent that holds ${pattern}`);
      Base?.assertUsed?.();
    }
  };
}

/**
 * The same, to widen the gap that a race needs: the statement takes longer, and nothing else. The run with the protection
 * gets the same gap as the control without it.
 */
export const withPause = withoutProtection;
