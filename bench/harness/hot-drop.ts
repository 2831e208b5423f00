import { createClient } from '@redis/client';
import type { Bench, Measurement, Variant } from '../benchmark.js';
import type { BareServerPlan } from '../processes/bare-server.js';
import type { InProcessPlan } from '../processes/in-process-load.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';
import type { LoadSummary } from '../processes/throughput-recorder.js';
import { holdsKey, stockKey } from '../variants/redis-app.js';
import type { ReservationServiceName } from '../variants/reservation-services.js';
import type { BenchDatabase } from './database.js';
import { violationsOfHolds, violationsOfOutcomes, type Outcomes } from './invariants.js';
import { measureOverHttp, reserving, service, type StartServer } from './over-http.js';
import { withRedis } from './redis.js';

/** More units than can be reserved during a run. */
export const HOT_STOCK = 900_000;

/** Reservations per second of one drop over HTTP. Afterwards there must be a hold for every 201. */
export async function reserveOverHttp(
  bench: Bench,
  database: BenchDatabase,
  servers: readonly StartServer[],
): Promise<Measurement> {
  const dropId = await database.createDrop(HOT_STOCK);
  const request = reserving(bench, dropId);
  const { responses, violations, ...measured } = await measureOverHttp(bench, { servers, request, status: 201 });
  return { ...measured, violations: [...violations, ...(await violationsOfHolds(database, dropId, responses))] };
}

/** A server without the service, which answers each reservation with a constant. */
export function bareServer(plan: BareServerPlan): StartServer {
  return ({ children }) => children.start<ServerResult>('bare-server', plan);
}

/** Express with one handler and a constant response: the upper bound for a service on Express. */
export const bareExpressVariant: Variant = {
  name: 'bare-express',
  title: 'a bare Express handler that does nothing',
  async run(bench, database) {
    // The same requests, including the tokens.
    const request = reserving(bench, await database.createDrop(HOT_STOCK));
    return measureOverHttp(bench, { servers: [bareServer({ kind: 'express' })], request, status: 201 });
  },
};

/** Express with the stock in Redis, where a script takes the unit. Afterwards there must be a hold for every 201. */
export const redisVariant: Variant = {
  name: 'redis',
  title: 'an Express handler that takes the unit in Redis by a script, same auth and validation',
  needs: 'redis-server',
  run: (bench, database) =>
    withRedis(bench, async (redisUrl) => {
      const dropId = await database.createDrop(HOT_STOCK);
      const redis = createClient({ url: redisUrl });
      await redis.connect();
      try {
        await redis.set(stockKey(dropId), HOT_STOCK);
        const load = {
          servers: [bareServer({ kind: 'redis', redisUrl })],
          request: reserving(bench, dropId),
          status: 201,
        };
        const { responses, violations, ...measured } = await measureOverHttp(bench, load);
        const [taken, holds] = [
          HOT_STOCK - Number(await redis.get(stockKey(dropId))),
          await redis.zCard(holdsKey(dropId)),
        ];
        const isExact = taken === responses && holds === responses;
        const wrong = isExact
          ? []
          : [`${responses} requests were granted a unit; Redis has ${holds} holds, ${taken} units taken`];
        return { ...measured, violations: [...violations, ...wrong] };
      } finally {
        redis.destroy();
      }
    }),
};

/** Replaces the reservation service by one that returns a constant. */
export const WITHOUT_DATABASE = { 'reservations.service.js': 'constant-reservations.js' };

/**
 * The whole stack with a reservation service that returns a constant.
 *
 * @param options further modules to replace, and the load generator.
 */
export function withoutDatabase({
  replace = {},
  measure = measureOverHttp,
}: { readonly replace?: ServerPlan['replace']; readonly measure?: typeof measureOverHttp } = {}): Variant['run'] {
  return async (bench, database) => {
    const server = service(database.url, {
      replace: { ...WITHOUT_DATABASE, ...replace },
    });
    const request = reserving(bench, await database.createDrop(HOT_STOCK));
    const { responses, violations, ...measured } = await measure(bench, { servers: [server], request, status: 201 });
    const transactions = await database.transactions();
    const unexpected =
      transactions > responses / 10 ? [`a stack without a database made ${transactions} transactions`] : [];
    return { ...measured, violations: [...violations, ...unexpected] };
  };
}

interface ServiceLayerVariant extends Pick<Variant, 'name' | 'title'> {
  /** The implementation; the service's own if omitted. */
  readonly implementation?: ReservationServiceName;
  /** SQL that runs before the load. */
  readonly setUp?: string;
  readonly connection?: Readonly<Record<string, string>>;
}

/** Reservations per second of one drop by calls in the same process, without HTTP. */
export function serviceLayer({
  name,
  title,
  implementation = 'ours',
  setUp,
  connection = {},
}: ServiceLayerVariant): Variant {
  return {
    name,
    title,
    async run(bench, database) {
      if (setUp !== undefined) await database.query(setUp);
      const dropId = await database.createDrop(HOT_STOCK);
      const url = new URL(database.url);
      for (const [parameter, value] of Object.entries(connection)) url.searchParams.set(parameter, value);
      const load = { implementation, databaseUrl: url.toString(), dropId, outcome: 'granted' };
      const { outcomes, violations, ...measured } = await measureInProcess(bench, load);
      const granted = outcomes.granted ?? 0;
      return { ...measured, violations: [...violations, ...(await violationsOfHolds(database, dropId, granted))] };
    },
  };
}

/** Outcomes per second of `reserve()`, called in a child process without HTTP. Any other outcome is a violation. */
export async function measureInProcess(
  { children, userCount, connections: concurrency, warmUpMs, windowMs }: Bench,
  load: Pick<InProcessPlan, 'implementation' | 'databaseUrl' | 'dropId' | 'outcome'>,
): Promise<Measurement & { outcomes: Outcomes }> {
  const plan: InProcessPlan = { ...load, userCount, concurrency, warmUpMs, windowMs };
  const { perSecond, outcomes, latencies } = await children.run<LoadSummary>('in-process-load', plan);
  return {
    value: perSecond,
    metrics: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99 },
    violations: violationsOfOutcomes(outcomes, [load.outcome]),
    outcomes,
  };
}
