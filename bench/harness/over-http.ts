import type { LoadPlan, LoadResult } from '../processes/load.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';
import type { Bench, Measurement } from '../question.js';
import type { Child } from './children.js';
import { violationsOfOutcomes } from './invariants.js';

/** Starts a server in a fresh process: the service, whole or with modules exchanged, or the bare handler. */
export type StartServer = (bench: Bench) => Child<ServerResult>;

export function service(databaseUrl: string, replace: ServerPlan['replace'] = {}): StartServer {
  return ({ children }) => children.start<ServerResult>('server', { databaseUrl, replace });
}

export const bareExpress: StartServer = ({ children }) => children.start<ServerResult>('bare-express', null);

interface LoadOptions extends Partial<Pick<LoadPlan, 'connections' | 'warmUp' | 'window'>> {
  readonly servers: readonly StartServer[];
  readonly request: Pick<LoadPlan, 'method' | 'path' | 'body' | 'tokensFile'>;
  /** The one status that may come. */
  readonly status: number;
  /** Called with the first server's port before the load begins; returns what ends what it started. */
  readonly meanwhile?: (port: number) => () => Promise<void>;
}

/**
 * Starts the servers, loads them from another process and stops them.
 *
 * @returns answers a second, and how many there were in all.
 */
export async function measureOverHttp(
  bench: Bench,
  { servers, request, status, meanwhile, ...timing }: LoadOptions,
): Promise<Measurement & { answered: number }> {
  const running = servers.map((start) => start(bench));
  try {
    const ports = (await Promise.all(running.map(({ result }) => result))).map(({ port }) => port);
    const { connections, warmUp, window } = bench;
    const plan: LoadPlan = { ...request, status, ports, connections, warmUp, window, ...timing };
    const end = meanwhile?.(ports[0] ?? 0);
    const result = await bench.children.run<LoadResult>('load', plan).finally(end);
    return { ...toMeasurement(result, status), answered: result.outcomes[status] ?? 0 };
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

/** The request that reserves a unit for the next user of the crowd. */
export function reserving({ tokensFile }: Bench, dropId: string): LoadOptions['request'] {
  return { method: 'POST', path: '/api/reservations', body: JSON.stringify({ dropId }), tokensFile };
}

function toMeasurement(result: LoadResult, status: number): Measurement {
  const { perSecond, latencies, load, unanswered, outOfTokens, outcomes } = result;
  return {
    value: perSecond,
    facts: { 'p50, ms': latencies.p50, 'p99, ms': latencies.p99, 'generator, % of a core': load * 100 },
    violations: [
      ...violationsOfOutcomes(outcomes, [String(status)]),
      ...(unanswered > 0 ? [`${unanswered} requests were not answered`] : []),
      ...(outOfTokens ? ['the crowd is too small: its tokens ran out before the time did'] : []),
    ],
  };
}
