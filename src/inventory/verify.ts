import type { Database } from '../lib/db/database.js';
import { sumStock, type StockSums } from './queries/verify.queries.js';

/** A drop whose counters contradict its reservations, purchases or ledger. */
interface StockMismatch {
  readonly dropId: string;
  readonly problems: readonly string[];
}

/**
 * Checks every drop, or one: the counters add up and nothing is oversold, the reserved stock equals the active reservations,
 * the sold stock equals the purchases, each purchase has the price of its hold, and the ledger, replayed from its first row, has no
 * gap and ends at the counters. As far as the service itself returned the units of holds, the ledger has each reservation that
 * expired or was released under that cause. The sums of `drop_stats` agree with the ledger and the purchases, and no refusal of a
 * minute is missing in its total: old minutes are deleted, so the total may be higher.
 *
 * @returns the drops with a contradiction.
 */
export async function verifyStock(db: Database, dropId?: string): Promise<readonly StockMismatch[]> {
  const rows = await sumStock(db, dropId);
  return rows
    .map((row) => ({ dropId: row.dropId, problems: problemsOf(row) }))
    .filter((row) => row.problems.length > 0);
}

function problemsOf(row: StockSums): string[] {
  const expectations: [what: string, actual: number, expected: number][] = [
    ['available + reserved + sold against the total', row.available + row.reserved + row.sold, row.total],
    ['units sold or held beyond the total', Math.max(0, -row.available), 0],
    ['active holds against reserved stock', row.activeHolds, row.reserved],
    ['purchases against sold stock', row.purchases, row.sold],
    ['completed holds against purchases', row.completedHolds, row.purchases],
    ['purchases at another price than their hold', row.otherPrices, 0],
    ['movements in the ledger against the version', row.movements, row.version],
    ['available stock replayed from the ledger', row.replayedAvailable, row.available],
    ['reserved stock replayed from the ledger', row.replayedReserved, row.reserved],
    ['sold stock replayed from the ledger', row.replayedSold, row.sold],
    ['movements whose result is not the sum of those before', row.brokenSteps, 0],
    ['expired holds that the ledger does not have', missing(row.expiredHolds, row.recordedExpired), 0],
    ['released holds that the ledger does not have', missing(row.releasedHolds, row.recordedReleased), 0],
    ['rows of stats', row.statsRows, 1],
    ['expired holds in the stats against the ledger', row.statsExpired, row.ledgerExpired ?? row.statsExpired],
    ['released holds in the stats against the ledger', row.statsReleased, row.ledgerReleased ?? row.statsReleased],
    // Not equal: a clock that was set back counts one second twice.
    ['peaks in the stats that the ledger does not have', Number(row.statsPeak > row.ledgerPeak), 0],
    ['revenue in the stats, in cents, against the purchases', row.statsRevenueCents, row.paidCents],
    ['kinds of refusals with more of them by minute than in total', row.refusalsBeyondTotals, 0],
  ];
  return expectations
    .filter(([, actual, expected]) => actual !== expected)
    .map(([what, actual, expected]) => `${what}: ${actual}, expected ${expected}`);
}

/** Rows beyond those in the ledger. Fewer are no contradiction: settled reservations may be deleted, and the ledger stays. */
function missing(rows: number, recorded: number | null): number {
  return recorded === null ? 0 : Math.max(0, rows - recorded);
}
