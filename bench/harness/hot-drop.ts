import type { CallersPlan } from '../processes/callers.js';
import type { Reading } from '../processes/meter.js';
import type { ServerPlan } from '../processes/server.js';
import type { Bench, Measurement, Variant } from '../question.js';
import type { ReserverName } from '../variants/open-reserver.js';
import type { BenchDatabase } from './database.js';
import { violationsOfHolds, violationsOfOutcomes } from './invariants.js';
import { bareExpress, measureOverHttp, reserving, service, type StartServer } from './over-http.js';

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

interface ServiceLayerVariant extends Pick<Variant, 'name' | 'title'> {
  /** Who reserves: the service itself if left out. */
  readonly reserver?: ReserverName;
  /** SQL, once, before the load. */
  readonly setUp?: string;
  /** Parameters of the connection string. */
  readonly connection?: Readonly<Record<string, string>>;
}

/** Reservations a second of one drop by callers in the same process, without HTTP. */
export function serviceLayer({ name, title, reserver = 'ours', setUp, connection }: ServiceLayerVariant): Variant {
  return {
    name,
    title,
    async measure({ children, crowd, connections, warmUp, window }: Bench, database) {
      if (setUp !== undefined) await database.query(setUp);
      const dropId = await database.createDrop(HOT_STOCK);
      const databaseUrl = withParameters(database.url, connection);
      const plan: CallersPlan = { reserver, databaseUrl, dropId, crowd, callers: connections, warmUp, window };
      const { perSecond, outcomes, latencies } = await children.run<Reading>('callers', plan);
      return {
        value: perSecond,
        facts: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99 },
        violations: [
          ...violationsOfOutcomes(outcomes, ['granted']),
          ...(await violationsOfHolds(database, dropId, outcomes.granted ?? 0)),
        ],
      };
    },
  };
}

function withParameters(connectionString: string, parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(connectionString);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.toString();
}

/** The whole stack with the reservation replaced by a constant. */
export function withoutDatabase(replace: ServerPlan['replace'] = {}): Variant['measure'] {
  return async (bench, database) => {
    const server = service(database.url, {
      'reservations.service.js': 'constant-reservations.js',
      ...replace,
    });
    const request = reserving(bench, await database.createDrop(HOT_STOCK));
    const { answered, violations, ...measured } = await measureOverHttp(bench, {
      servers: [server],
      request,
      status: 201,
    });
    const transactions = await database.transactions();
    const asked = transactions > answered / 10 ? [`a stack without a database made ${transactions} transactions`] : [];
    return { ...measured, violations: [...violations, ...asked] };
  };
}
