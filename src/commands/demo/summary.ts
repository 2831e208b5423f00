import type { Database } from '../../lib/db/database.js';
import { verifyStock } from '../../inventory/verify.js';
import type { LiveStock } from './live-stock.js';
import { percentile, type Tally } from './request-counts.js';

interface Findings {
  readonly db: Database;
  readonly dropId: string;
  readonly units: number;
  readonly stock: LiveStock;
  readonly tally: Tally;
}

/** Looks in the database at what really happened; returns the text to print, and whether everything is as it must be. */
export async function summarize({ db, dropId, units, stock, tally }: Findings): Promise<{ text: string; ok: boolean }> {
  const drop = await db.drop.findUniqueOrThrow({ where: { id: dropId } });
  const purchases = await db.purchase.findMany({ where: { dropId }, select: { userId: true } });
  const movements = await db.stockMovement.count({ where: { dropId } });
  const mismatches = await verifyStock(db, dropId);
  const { soldStock, reservedStock, availableStock, version } = drop;

  const checks: [what: string, holds: boolean][] = [
    [`${soldStock} sold + ${reservedStock} held + ${availableStock} free = ${units}`, soldStock + reservedStock + availableStock === units],
    [`${soldStock} sold = ${purchases.length} purchases = ${tally.purchases} thanked buyers`, soldStock === purchases.length && soldStock === tally.purchases],
    ['no buyer has two', new Set(purchases.map(({ userId }) => userId)).size === purchases.length],
    [`the ledger's ${movements} movements, replayed, give these numbers`, mismatches.length === 0],
    ['the last live picture is the database’s', stock.newest?.version === version && stock.newest.availableStock === availableStock],
    ['every lapsed hold came back on sale', reservedStock === 0],
    ['no errors, no surprises', tally.surprises.length === 0],
  ]; // prettier-ignore
  const ms = (share: number) => `${percentile(tally.latencies, share).toFixed(0)} ms`;
  const lines = [
    '',
    ...checks.map(([what, holds]) => `  ${holds ? '✓' : '✗ NOT TRUE:'} ${what}`),
    ...mismatches.flatMap(({ problems }) => problems.map((problem) => `      ${problem}`)),
    ...[...new Set(tally.surprises)].slice(0, 10).map((surprise) => `      ${surprise}`),
    '',
    `  ${tally.latencies.length} tries to reserve: ${tally.holds} held, ${tally.soldOutAnswers} times sold out, ${tally.lapses} let lapse.`,
    `  Answered in ${ms(0.5)} (median), ${ms(0.95)} (95 %), ${ms(0.99)} (99 %), ${ms(1)} (slowest).`,
    '',
  ];
  return { text: lines.join('\n'), ok: checks.every(([, holds]) => holds) };
}
