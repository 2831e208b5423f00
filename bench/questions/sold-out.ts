import { bareExpressVariant } from '../harness/hot-drop.js';
import type { BenchDatabase } from '../harness/database.js';
import { measureOverHttp, reserving, service } from '../harness/over-http.js';
import type { Bench, Measurement, Question } from '../question.js';

/** The crowd that came too late: 409 answers a second over HTTP, each resting on the drop as it is at that moment. */
export const soldOut: Question = {
  name: 'sold-out',
  title: 'Sold out, over HTTP',
  unit: 'answers/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'bare-express',
  variants: [{ name: 'ours', title: 'ours: 409 sold-out', measure: refuse }, bareExpressVariant],
};

async function refuse(bench: Bench, database: BenchDatabase): Promise<Measurement> {
  const dropId = await database.createDrop(1);
  await takeLastUnit(database, dropId);
  return measureOverHttp(bench, { servers: [service(database.url)], request: reserving(bench, dropId), status: 409 });
}

/** By somebody who is not of the crowd, and for longer than this will take. */
async function takeLastUnit(database: BenchDatabase, dropId: string): Promise<void> {
  await database.query(
    `WITH holder AS (INSERT INTO users (username, email, password_hash)
                     VALUES ('holder', 'holder@bench.invalid', 'no password') RETURNING id),
          hold AS (INSERT INTO reservations (user_id, drop_id, expires_at)
                   SELECT id, $1, clock_timestamp() + interval '1 day' FROM holder)
     UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1`,
    [dropId],
  );
}
