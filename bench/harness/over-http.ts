import type { Bench, Measurement } from '../benchmark.js';
import type { LoadPlan, LoadResult } from '../processes/http-load.js';
import type { LoadRequest } from '../processes/http-request.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';
import type { Child } from './children.js';
import { violationsOfOutcomes } from './invariants.js';

/** Starts a server in a process of its own. */
export type StartServer = (bench: Bench) => Child<ServerResult>;

/** The service, with the modules in `replace` replaced. */
export function service(databaseUrl: string, options: Omit<ServerPlan, 'databaseUrl'> = {}): StartServer {
  return ({ children }) => children.start<ServerResult>('server', { databaseUrl, ...options });
}

/** Starts a server, calls `use` once it listens, and stops it. */
export async function withServer<T>(server: Child<ServerResult>, use: (ports: ServerResult) => Promise<T>): Promise<T> {
  try {
    return await use(await server.result);
  } finally {
    await server.stop();
  }
}

export interface LoadOptions extends Partial<Pick<LoadPlan, 'connections' | 'warmUpMs' | 'windowMs'>> {
  readonly servers: readonly StartServer[];
  readonly request: LoadRequest;
  /** The only status that is not a violation. */
  readonly status: number;
  /** Starts further work on the first server's port before the load; returns the function that ends it. */
  readonly background?: (port: number) => () => Promise<void>;
}

/**
 * Starts the servers, loads them from another process and stops them.
 *
 * @returns responses per second, and their total number.
 */
export async function measureOverHttp(
  bench: Bench,
  { servers, request, status, background, ...timing }: LoadOptions,
): Promise<Measurement & { responses: number }> {
  const running = servers.map((start) => start(bench));
  try {
    const ports = (await Promise.all(running.map(({ result }) => result))).map(({ port }) => port);
    const { connections, warmUpMs, windowMs } = bench;
    const plan: LoadPlan = { ...request, status, ports, connections, warmUpMs, windowMs, ...timing };
    const end = background?.(ports[0] ?? 0);
    const result = await bench.children.run<LoadResult>('http-load', plan).finally(end);
    return { ...toMeasurement(result, status), responses: result.outcomes[status] ?? 0 };
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

/** The request that reserves a unit for the next load user. */
export function reserving({ tokensFile }: Pick<Bench, 'tokensFile'>, dropId: string): LoadRequest {
  return { method: 'POST', path: '/api/reservations', body: JSON.stringify({ dropId }), tokensFile };
}

function toMeasurement(result: LoadResult, status: number): Measurement {
  const { perSecond, latencies, cpuShare, unanswered, outOfTokens, outcomes } = result;
  return {
    value: perSecond,
    metrics: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99, 'load generator, % of a core': cpuShare * 100 },
    violations: [
      ...violationsOfOutcomes(outcomes, [String(status)]),
      ...(unanswered > 0 ? [`${unanswered} requests got no response`] : []),
      ...(outOfTokens ? ['there are too few load users: the tokens ran out before the end'] : []),
    ],
  };
}
