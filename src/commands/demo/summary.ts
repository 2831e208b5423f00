import type { Database } from '../../lib/db/database.js';
import { verifyStock } from '../../inventory/verify.js';
import type { LedgerEntry } from '../../modules/stock/stock.schema.js';
import type { Api } from './api.js';
import type { LiveStock } from './live-stock.js';
import { namesOrganiser, pauseHolds, RESTOCKS, type Pause } from './organiser.js';
import type { Participant } from './participants.js';

export interface RunCounters {
  /** Of every response to a reservation. */
  readonly latenciesMs: number[];
  holds: number;
  soldOutResponses: number;
  pausedResponses: number;
  /** Holds that their buyers let expire. */
  expired: number;
  purchases: number;
  /** Buyers that wait for a unit to be reclaimed. */
  waiting: number;
  /** Responses that no buyer should get, and failed connections. */
  readonly unexpected: string[];
}

export function createRunCounters(): RunCounters {
  return {
    latenciesMs: [],
    holds: 0,
    soldOutResponses: 0,
    pausedResponses: 0,
    expired: 0,
    purchases: 0,
    waiting: 0,
    unexpected: [],
  };
}

interface RunResult {
  readonly db: Database;
  readonly api: Api;
  readonly dropId: string;
  readonly organiser: Participant;
  /** Null if the organiser was refused or interrupted. */
  readonly pause: Pause | null;
  /** At the start of the run. */
  readonly units: number;
  readonly stock: LiveStock;
  readonly counters: RunCounters;
}

/** Checks the result of a run in the database and in the ledger. Returns the text to print, and whether every check succeeded. */
export async function summarize(run: RunResult): Promise<{ text: string; ok: boolean }> {
  const { db, dropId, organiser, pause, units, stock, counters } = run;
  const drop = await db.drop.findUniqueOrThrow({ where: { id: dropId } });
  const purchases = await db.purchase.findMany({ where: { dropId }, select: { userId: true } });
  const mismatches = await verifyStock(db, dropId);
  const { soldStock, reservedStock, availableStock, version } = drop;
  const ledger = await readLedger(run);
  const total = RESTOCKS.reduce((sum, { delta }) => sum + delta, units);
  const sum = [units, ...RESTOCKS.map(({ delta }) => delta)].join(' + ');

  const checks: [check: string, succeeded: boolean][] = [
    [`${soldStock} sold + ${reservedStock} held + ${availableStock} free = ${sum}, with what the organiser added`, soldStock + reservedStock + availableStock === total],
    [`${soldStock} sold = ${purchases.length} purchases = ${counters.purchases} confirmed to buyers`, soldStock === purchases.length && soldStock === counters.purchases],
    ['no buyer has two units', new Set(purchases.map(({ userId }) => userId)).size === purchases.length],
    [`no unit was reserved during the pause, ${counters.pausedResponses} times refused`, pause !== null && pauseHolds(ledger, pause)],
    ['the ledger has each change of the organiser, with name and reason', namesOrganiser(ledger, organiser)],
    [`the ledger's ${ledger.length} movements, replayed, give these numbers`, mismatches.length === 0],
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

/** The whole ledger of the drop, as an admin reads it. */
async function readLedger({ api, dropId, organiser }: RunResult): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (let after: number | null = 0; after !== null;) {
    const { body } = await api.get(`/api/admin/drops/${dropId}/ledger?after=${after}`, organiser.token);
    entries.push(...((body.data ?? []) as LedgerEntry[]));
    after = (body.meta as { next: number | null } | undefined)?.next ?? null;
  }
  return entries;
}

/** The value below or at which this share (0 to 1) of the numbers is; 0 for no numbers. */
function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
