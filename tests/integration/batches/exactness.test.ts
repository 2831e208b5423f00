import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { postPipelined } from '../../helpers/pipelined.js';
import { tally } from './support.js';

const BUYERS = 10_000;
const BUYERS_ON_A_CONNECTION = 50;

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

/** Sends one reservation per buyer at the same moment, spread over `to` services. */
async function rush(stock: number, to: number) {
  const [app] = services;
  if (!app) throw new Error('a service');
  const dropId = await app.createDrop({ total_stock: stock });
  const connections = Array.from({ length: BUYERS / BUYERS_ON_A_CONNECTION }, (_, index) => {
    const first = index * BUYERS_ON_A_CONNECTION;
    const requests = buyers
      .slice(first, first + BUYERS_ON_A_CONNECTION)
      .map(({ token }) => ({ path: '/api/reservations', token, body: { dropId } }));
    return postPipelined((services[index % to] ?? app).url, requests);
  });
  const answers = (await Promise.all(connections)).flat();
  const { rows } = await database.query<{ holds: number; holders: number; available: number; reserved: number }>(
    `SELECT count(r.id)::int AS holds, count(DISTINCT r.user_id)::int AS holders,
            d.available_stock AS available, d.reserved_stock AS reserved
     FROM drops d LEFT JOIN reservations r ON r.drop_id = d.id AND r.status = 'active' WHERE d.id = $1 GROUP BY d.id`,
    [dropId],
  );
  return { answers: tally(answers), ...rows[0], mismatches: await app.mismatches() };
}

// races/oversell.test.ts shows that the stock is oversold without the lock.
it.for([
  { stock: 1, to: 1 },
  { stock: 100, to: 1 },
  { stock: 1, to: 2 },
])(
  `exactly $stock of ${BUYERS} concurrent buyers at $to service(s) get a unit, and the rest get 409 sold-out`,
  async ({ stock, to }) => {
    expect(await rush(stock, to)).toEqual({
      answers: { '201': stock, '409 sold-out': BUYERS - stock },
      holds: stock,
      holders: stock,
      available: 0,
      reserved: stock,
      mismatches: [],
    });
  },
);
