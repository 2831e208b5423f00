import type { BenchDatabase } from '../harness/database.js';
import { bareExpressVariant } from '../harness/hot-drop.js';
import { violationsOfOutcomes } from '../harness/invariants.js';
import { measureOverHttp, reserving, service } from '../harness/over-http.js';
import type { CallersPlan } from '../processes/callers.js';
import type { Reading } from '../processes/meter.js';
import type { Bench, Measurement, Question, Variant } from '../question.js';
import type { ReserverName } from '../variants/open-reserver.js';

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

/** The same without HTTP: what the lock lets through when nothing is written under it. */
export const soldOutService: Question = {
  name: 'sold-out-service',
  title: 'Sold out, service layer',
  unit: 'answers/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'one-transaction',
  variants: [
    { name: 'ours', title: 'ours: sold-out', measure: refuseCallers('ours') },
    { name: 'one-transaction', title: 'one Prisma transaction a request', measure: refuseCallers('one-transaction') },
  ],
};

function refuseCallers(reserver: ReserverName): Variant['measure'] {
  return (bench, database) => measureCallers(bench, database, reserver);
}

async function measureCallers(bench: Bench, database: BenchDatabase, reserver: ReserverName): Promise<Measurement> {
  const { children, crowd, connections: callers, warmUp, window } = bench;
  const dropId = await database.createDrop(1);
  await takeLastUnit(database, dropId);
  const good = 'sold-out';
  const databaseUrl = database.url;
  const plan: CallersPlan = { reserver, databaseUrl, dropId, crowd, callers, good, warmUp, window };
  const { perSecond, outcomes, latencies } = await children.run<Reading>('callers', plan);
  return {
    value: perSecond,
    facts: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99 },
    violations: violationsOfOutcomes(outcomes, [good]),
  };
}

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
