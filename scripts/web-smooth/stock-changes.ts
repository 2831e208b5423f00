import { setTimeout as sleep } from 'node:timers/promises';
import { insertExampleRows, type Session } from './example-rows.js';
import type { MeasuredService } from './service.js';

/** Active reservations of a drop, on average. */
const HELD_PER_DROP = 10;
/** One of this many reservations is purchased, the others are cancelled. */
const PURCHASE_EVERY = 10;

interface ChangesOptions {
  readonly service: MeasuredService;
  /** Changes per second, of all drops together. */
  readonly rate: number;
}

/** Reservations, cancellations and purchases by the API, drop after drop, until stopped. */
export interface StockChanges {
  /** The session of an admin. */
  readonly admin: Session;
  /** Changes that the API has confirmed so far. */
  readonly made: () => number;
  readonly stop: () => Promise<void>;
}

/** Inserts drops and users into an empty database, and starts the changes. */
export async function startStockChanges({ service, rate }: ChangesOptions): Promise<StockChanges> {
  const { dropIds, admin, buyers } = await insertExampleRows(service);
  const holds = dropIds.map((): { id: string; token: string }[] => []);
  let made = 0;
  let isStopped = false;

  async function request(method: string, path: string, token: string, body?: object) {
    const response = await fetch(`${service.url}/api${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { data?: { reservation?: { id: string } } };
    if (response.ok) made += 1;
    return answer;
  }

  /** One change of one drop. */
  async function change(turn: number): Promise<void> {
    const place = turn % dropIds.length;
    const round = Math.floor(turn / dropIds.length);
    const held = holds[place] ?? [];
    const oldest = round % 2 === 1 && held.length >= HELD_PER_DROP ? held.shift() : undefined;
    if (oldest) {
      if (round % (2 * PURCHASE_EVERY) === 1)
        await request('POST', '/purchases', oldest.token, { reservationId: oldest.id });
      else await request('DELETE', `/reservations/${oldest.id}`, oldest.token);
      return;
    }
    const token = buyers[round % buyers.length]?.token ?? admin.token;
    const { data } = await request('POST', '/reservations', token, { dropId: dropIds[place] });
    if (data?.reservation) held.push({ id: data.reservation.id, token });
  }

  async function run(): Promise<void> {
    const start = performance.now();
    const pending = new Set<Promise<void>>();
    for (let turn = 0; !isStopped; turn += 1) {
      const work: Promise<void> = change(turn).finally(() => pending.delete(work));
      pending.add(work);
      await sleep(Math.max(0, start + ((turn + 1) * 1_000) / rate - performance.now()));
    }
    await Promise.all(pending);
  }

  const running = run();
  // `stop` reports the error.
  running.catch(() => undefined);
  return {
    admin,
    made: () => made,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
