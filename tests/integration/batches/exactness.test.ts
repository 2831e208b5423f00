import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { postPipelined } from '../../helpers/pipelined.js';
import { countOutcomes } from './support.js';

const BUYERS = 10_000;
const BUYERS_PER_CONNECTION = 16;

let database: TestDatabase;
let services: TestApp[];
let buyers: TestUser[];

beforeAll(async () => {
  database = await createTestDatabase();
  // No hold expires during the test, even on a slow machine.
  const env = { RESERVATION_TTL_SECONDS: '3600' };
  services = [await startTestApp({ database, env }), await startTestApp({ database, env })];
  buyers = (await services[0]?.createUsers(BUYERS)) ?? [];
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.close()));
  await database.drop();
});

/** Sends one reservation per buyer at the same moment, spread over `serviceCount` services. */
async function reserveConcurrently(stock: number, serviceCount: number) {
  const [app] = services;
  if (!app) throw new Error('a service');
  const dropId = await app.createDrop({ total_stock: stock });
  const connections = Array.from({ length: BUYERS / BUYERS_PER_CONNECTION }, (_, index) => {
    const first = index * BUYERS_PER_CONNECTION;
    const requests = buyers
      .slice(first, first + BUYERS_PER_CONNECTION)
      .map(({ token }) => ({ path: '/api/reservations', token, body: { dropId } }));
    return postPipelined((services[index % serviceCount] ?? app).url, requests);
  });
  const outcomes = (await Promise.all(connections)).flat();
  const { rows } = await database.query<{ holds: number; holders: number; available: number; reserved: number }>(
    `SELECT count(r.id)::int AS holds, count(DISTINCT r.user_id)::int AS holders,
            d.available_stock AS available, d.reserved_stock AS reserved
     FROM drops d LEFT JOIN reservations r ON r.drop_id = d.id AND r.status = 'active' WHERE d.id = $1 GROUP BY d.id`,
    [dropId],
  );
  return { outcomes: countOutcomes(outcomes), ...rows[0], mismatches: await app.mismatches() };
}

// races/oversell.test.ts shows that the stock is oversold without the lock.
it.for([
  { stock: 1, serviceCount: 1 },
  { stock: 100, serviceCount: 1 },
  { stock: 1, serviceCount: 2 },
])(
  `exactly $stock of ${BUYERS} concurrent buyers at $serviceCount service(s) get a unit, and the rest get 409 sold-out`,
  async ({ stock, serviceCount }) => {
    expect(await reserveConcurrently(stock, serviceCount)).toEqual({
      outcomes: { '201': stock, '409 sold-out': BUYERS - stock },
      holds: stock,
      holders: stock,
      available: 0,
      reserved: stock,
      mismatches: [],
    });
  },
);
