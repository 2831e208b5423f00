import type { Bench, Measurement, Variant } from '../question.js';
import type { BenchDatabase } from './database.js';
import { violationsOfHolds } from './invariants.js';
import { bareExpress, measureOverHttp, reserving, type StartServer } from './over-http.js';

/** More than can be reserved meanwhile. */
export const HOT_STOCK = 900_000;

/** Reservations a second of one drop over HTTP; afterwards there must be a hold for every 201. */
export async function reserveOverHttp(
  bench: Bench,
  database: BenchDatabase,
  servers: readonly StartServer[],
): Promise<Measurement> {
  const dropId = await database.createDrop(HOT_STOCK);
  const request = reserving(bench, dropId);
  const { answered, violations, ...measured } = await measureOverHttp(bench, { servers, request, status: 201 });
  return { ...measured, violations: [...violations, ...(await violationsOfHolds(database, dropId, answered))] };
}

/** Express with one handler that always answers the same: what there is to be had, at most. */
export const bareExpressVariant: Variant = {
  name: 'bare-express',
  title: 'a bare Express handler that does nothing',
  measure: (bench, database) => measureBareExpress(bench, database),
};

async function measureBareExpress(bench: Bench, database: BenchDatabase): Promise<Measurement> {
  // It is sent the very same requests, tokens and all.
  const request = reserving(bench, await database.createDrop(HOT_STOCK));
  return measureOverHttp(bench, { servers: [bareExpress], request, status: 201 });
}
