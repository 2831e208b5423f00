import type { Benchmark, Variant } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { bareExpressVariant, measureInProcess } from '../harness/hot-drop.js';
import { measureOverHttp, reserving, service } from '../harness/over-http.js';
import type { ReservationServiceName } from '../variants/reservation-services.js';

/** 409 responses for a drop without an available unit, each based on the current state of the drop. */
export const soldOut: Benchmark = {
  name: 'sold-out',
  title: 'Sold out, over HTTP',
  unit: 'responses/s',
  better: 'higher',
  subject: 'ours',
  variants: [
    {
      name: 'ours',
      title: 'ours: 409 sold-out',
      async run(bench, database) {
        const request = reserving(bench, await createSoldOutDrop(database));
        return measureOverHttp(bench, { servers: [service(database.url)], request, status: 409 });
      },
    },
    bareExpressVariant,
  ],
};

/** Measures the same without HTTP: how many transactions that write nothing one drop's lock allows. */
export const soldOutService: Benchmark = {
  name: 'sold-out-service',
  title: 'Sold out, service layer',
  unit: 'refusals/s',
  better: 'higher',
  subject: 'ours',
  variants: [
    { name: 'ours', title: 'ours: sold-out', run: refuseInProcess('ours') },
    { name: 'one-transaction', title: 'one Prisma transaction per request', run: refuseInProcess('one-transaction') },
  ],
};

/** Refusals per second of `reserve()`, called in a child process. */
export function refuseInProcess(implementation: ReservationServiceName): Variant['run'] {
  return async (bench, database) => {
    const dropId = await createSoldOutDrop(database);
    return measureInProcess(bench, { implementation, databaseUrl: database.url, dropId, outcome: 'sold-out' });
  };
}

/** A drop whose only unit is held for a day by a user who is not a load user. */
export async function createSoldOutDrop(database: BenchDatabase): Promise<string> {
  const dropId = await database.createDrop(1);
  await database.query(
    `WITH holder AS (INSERT INTO users (username, email, password_hash)
                     VALUES ('holder', 'holder@bench.invalid', 'no password') RETURNING id),
          hold AS (INSERT INTO reservations (user_id, drop_id, expires_at)
                   SELECT id, $1, clock_timestamp() + interval '1 day' FROM holder)
     UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1`,
    [dropId],
  );
  return dropId;
}
