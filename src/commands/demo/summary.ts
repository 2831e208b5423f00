import type { Database } from '../../lib/db/database.js';
import { verifyStock } from '../../inventory/verify.js';
import type { LiveStock } from './live-stock.js';

export interface RunCounters {
  /** Of every response to a reservation. */
  readonly latenciesMs: number[];
  holds: number;
  soldOutResponses: number;
  /** Holds that their buyers let expire. */
  expired: number;
  purchases: number;
  /** Buyers that wait for a unit to be reclaimed. */
  waiting: number;
  /** Responses that no buyer should get, and failed connections. */
  readonly unexpected: string[];
}

export function createRunCounters(): RunCounters {
  return { latenciesMs: [], holds: 0, soldOutResponses: 0, expired: 0, purchases: 0, waiting: 0, unexpected: [] };
}

interface RunResult {
  readonly db: Database;
  readonly dropId: string;
  readonly units: number;
  readonly stock: LiveStock;
  readonly counters: RunCounters;
}

/** Checks the result of a run in the database. Returns the text to print, and whether every check succeeded. */
export async function summarize({
  db,
  dropId,
  units,
  stock,
  counters,
}: RunResult): Promise<{ text: string; ok: boolean }> {
  const drop = await db.drop.findUniqueOrThrow({ where: { id: dropId } });
  const purchases = await db.purchase.findMany({ where: { dropId }, select: { userId: true } });
  const movements = await db.stockMovement.count({ where: { dropId } });
  const mismatches = await verifyStock(db, dropId);
  const { soldStock, reservedStock, availableStock, version } = drop;

  const checks: [check: string, succeeded: boolean][] = [
    [`${soldStock} sold + ${reservedStock} held + ${availableStock} free = ${units}`, soldStock + reservedStock + availableStock === units],
    [`${soldStock} sold = ${purchases.length} purchases = ${counters.purchases} confirmed to buyers`, soldStock === purchases.length && soldStock === counters.purchases],
    ['no buyer has two units', new Set(purchases.map(({ userId }) => userId)).size === purchases.length],
    [`the ledger's ${movements} movements, replayed, give these numbers`, mismatches.length === 0],
    ['the last live snapshot equals the database', stock.newest?.version === version && stock.newest.availableStock === availableStock],
    ['every expired hold was reclaimed', reservedStock === 0],
    ['no errors, no unexpected responses', counters.unexpected.length === 0],
  ]; // prettier-ignore
  const ms = (share: number) => `${percentile(counters.latenciesMs, share).toFixed(0)} ms`;
  const lines = [
    '',
    ...checks.map(([check, succeeded]) => `  ${succeeded ? '✓' : '✗ NOT TRUE:'} ${check}`),
    ...mismatches.flatMap(({ problems }) => problems.map((problem) => `      ${problem}`)),
    ...[...new Set(counters.unexpected)].slice(0, 10).map((response) => `      ${response}`),
    '',
    `  ${counters.latenciesMs.length} attempts to reserve: ${counters.holds} held, ${counters.soldOutResponses} times sold out, ${counters.expired} expired.`,
    `  Answered in ${ms(0.5)} (median), ${ms(0.95)} (95 %), ${ms(0.99)} (99 %), ${ms(1)} (slowest).`,
    '',
  ];
  return { text: lines.join('\n'), ok: checks.every(([, succeeded]) => succeeded) };
}

/** The value below or at which this share (0 to 1) of the numbers is; 0 for no numbers. */
function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
