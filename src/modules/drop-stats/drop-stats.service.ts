import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import type { Database } from '../../lib/db/database.js';
import { findDropStats } from './drop-stats.queries.js';
import type { DropStats } from './drop-stats.schema.js';

export type DropStatsService = ReturnType<typeof createDropStatsService>;

export function createDropStatsService({ db }: { readonly db: Database }) {
  return {
    /** How a drop has sold so far, a draft as well. @throws {DropNotFoundError} */
    async get(dropId: string): Promise<DropStats> {
      const row = await findDropStats(db, dropId);
      if (!row) throw new DropNotFoundError();
      const { active, expired, released, completed, refusals } = row;
      const ended = expired + released + completed;
      const holds = active + ended;
      return {
        ...row,
        holds,
        conversion: ended === 0 ? null : completed / ended,
        attempts: Object.values(refusals).reduce((sum, count) => sum + count, holds),
        waiting: 0,
      };
    },
  };
}
