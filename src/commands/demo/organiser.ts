import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LedgerEntry } from '../../modules/stock/stock.schema.js';
import type { Run } from './buyer.js';
import type { Participant } from './participants.js';

/** Units that are put on sale during the rush: the first while the drop is on sale, the second while it is paused. */
export const RESTOCKS = [
  { delta: 10, reason: 'A second delivery' },
  { delta: 10, reason: 'Found in the storeroom' },
] as const;
const PAUSE_REASON = 'Counting the boxes';
const RESUME_REASON = 'All boxes are counted';

/** Long enough for waiting buyers to try and be refused. */
const PAUSE_MS = 1_500;

/** The versions of the drop between which no unit may be reserved. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}

/**
 * The organiser restocks the drop when every unit is taken, pauses it when they are taken again, restocks it during the pause, so
 * that waiting buyers try and are refused, and resumes the sale. Returns null if a request was refused.
 */
export async function runOrganiser(
  organiser: Participant,
  { api, dropId, stock, counters, signal }: Run,
): Promise<Pause | null> {
  /** Returns the version of the drop after the change. */
  async function change(what: string, body: object): Promise<number> {
    signal.throwIfAborted();
    const response = await api.post(`/api/drops/${dropId}/${what}`, organiser.token, body);
    if (response.status === 200) return (response.body.data as { version: number }).version;
    throw new RefusedError(`${what} of the organiser was answered ${response.status} ${response.body.code ?? ''}`);
  }
  const allTakenSince = (from: number) =>
    stock.until(({ version, availableStock }) => version >= from && availableStock === 0, signal);

  try {
    await allTakenSince(1);
    await allTakenSince(await change('stock', RESTOCKS[0]));
    const from = await change('pause', { reason: PAUSE_REASON });
    await change('stock', RESTOCKS[1]);
    await sleep(PAUSE_MS, undefined, { signal });
    return { from, to: await change('resume', { reason: RESUME_REASON }) };
  } catch (error) {
    if (signal.aborted) return null;
    if (!(error instanceof RefusedError)) throw error;
    counters.unexpected.push(error.message);
    return null;
  }
}

class RefusedError extends Error {}

/** What the ledger must say of the organiser's changes, in their order. */
const CHANGES = [
  { cause: 'adjust', added: RESTOCKS[0].delta, reason: RESTOCKS[0].reason },
  { cause: 'edit', added: 0, reason: PAUSE_REASON },
  { cause: 'adjust', added: RESTOCKS[1].delta, reason: RESTOCKS[1].reason },
  { cause: 'edit', added: 0, reason: RESUME_REASON },
];

/** Whether the ledger has each change of the organiser, with name and reason, and no other one. */
export function namesOrganiser(ledger: readonly LedgerEntry[], { id }: Pick<Participant, 'id'>): boolean {
  const changes = ledger.filter(({ actor, cause }) => actor?.id === id && cause !== 'create');
  const recorded = changes.map(({ cause, added, reason }) => ({ cause, added, reason }));
  return isDeepStrictEqual(recorded, CHANGES) && changes.every(({ actor }) => Boolean(actor?.username));
}

/** Whether the ledger has no reservation between the beginning and the end of the pause. */
export function pauseHolds(ledger: readonly LedgerEntry[], { from, to }: Pause): boolean {
  return ledger.every(({ version, reserved }) => version <= from || version >= to || reserved === 0);
}
