import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../benchmark.js';
import { createSoldOutDrop } from '../benchmarks/sold-out.js';
import type { BenchDatabase } from '../harness/database.js';
import { HOT_STOCK, WITHOUT_DATABASE } from '../harness/hot-drop.js';
import { reserving } from '../harness/over-http.js';
import type { LoadPlan, LoadResult } from '../processes/http-load.js';
import type { LoadedWindows } from '../processes/profiled-server.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';
import { sampleStates, type States } from './states.js';

export interface Scenario {
  readonly name: string;
  /** Column of the report. */
  readonly title: string;
  readonly replace?: ServerPlan['replace'];
  /** The only status of its responses. */
  readonly status: number;
  createDrop(database: BenchDatabase): Promise<string>;
}

export const scenarios: readonly Scenario[] = [
  { name: 'hot-drop', title: 'hot drop', status: 201, createDrop: (database) => database.createDrop(HOT_STOCK) },
  { name: 'sold-out', title: 'sold out', status: 409, createDrop: createSoldOutDrop },
  {
    name: 'no-database',
    title: 'without a database',
    replace: WITHOUT_DATABASE,
    status: 201,
    createDrop: (database) => database.createDrop(HOT_STOCK),
  },
];

const SHOP = 'https://shop.example';

/** What Chromium sends with a request of a page on another origin, besides what the load generator sends by itself. */
const BROWSER_HEADERS = {
  Connection: 'keep-alive',
  'sec-ch-ua-platform': '"Windows"',
  'User-Agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'sec-ch-ua': '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
  'sec-ch-ua-mobile': '?0',
  Accept: '*/*',
  Origin: SHOP,
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'empty',
  Referer: `${SHOP}/`,
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
};

const WARM_UP_MS = 2_500;
const WINDOW_MS = 2_500;
/** Ends before the profiler starts. */
const STATES_MS = WINDOW_MS - 300;
/** Of the load around the windows: the profiler needs time to start and to stop. */
const MARGIN_MS = 1_500;

/** What was measured of a scenario; `states` of the window without the profiler, null where it cannot be read. */
export interface ProfiledWindows extends LoadedWindows {
  readonly states: States | null;
}

/** Runs the service with the profiler, under load from another process. @throws if a request has another outcome. */
export async function profileScenario(bench: Bench, scenario: Scenario): Promise<ProfiledWindows> {
  const { replace, status, title } = scenario;
  const database = await bench.postgres.createDatabase();
  const plan: ServerPlan = {
    databaseUrl: database.url,
    settings: { FRONTEND_URL: SHOP },
    ...(replace && { replace }),
  };
  const server = bench.children.start<ServerResult>('profiled-server', plan);
  try {
    const { port, controlPort } = await server.result;
    const load: LoadPlan = {
      ...reserving(bench, await scenario.createDrop(database)),
      headers: BROWSER_HEADERS,
      status,
      ports: [port],
      connections: bench.connections,
      warmUpMs: WARM_UP_MS,
      windowMs: 2 * WINDOW_MS + MARGIN_MS,
    };
    const [[windows, states], { outcomes, unanswered, outOfTokens }] = await Promise.all([
      sleep(WARM_UP_MS).then(() =>
        Promise.all([measureWindows(controlPort), sampleStates(server.pid ?? 0, database, STATES_MS)]),
      ),
      bench.children.run<LoadResult>('http-load', load),
    ]);
    const unexpected = Object.keys(outcomes).filter((outcome) => outcome !== String(status));
    if (unexpected.length > 0 || unanswered > 0 || outOfTokens) {
      throw new Error(
        `${title}: other responses than ${status}: ${JSON.stringify({ outcomes, unanswered, outOfTokens })}`,
      );
    }
    return { ...windows, states };
  } finally {
    await server.stop();
    await database.drop();
  }
}

async function measureWindows(controlPort: number | null): Promise<LoadedWindows> {
  const response = await fetch(`http://127.0.0.1:${controlPort}/?windowMs=${WINDOW_MS}`);
  if (!response.ok) throw new Error(`the profiler failed: ${await response.text()}`);
  return (await response.json()) as LoadedWindows;
}
