import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Measurement } from '../benchmark.js';
import { requestAroundToken } from '../processes/http-request.js';
import { measureOverHttp, type LoadOptions } from './over-http.js';

/** What the script prints at the end of a run. */
interface Summary {
  readonly responses: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses with a status of 400 or above. */
  readonly refused: number;
  readonly broken: number;
}

/** The load generator of {@link measureByWrk} on this machine. */
export function describeGenerator({ programs: { wrk } }: Bench): string {
  return `Load generator: ${wrk === null ? "the project's own, which may be slower than the measured server" : 'wrk'}`;
}

/**
 * The same as {@link measureOverHttp}, with wrk as the load generator where it is installed: it needs less CPU than the servers
 * that are measured with it, which the project's own does not. It checks no status below 400 and uses tokens more than once.
 */
export async function measureByWrk(
  bench: Bench,
  options: LoadOptions,
): Promise<Measurement & { readonly responses: number }> {
  const { wrk } = bench.programs;
  if (wrk === null) return measureOverHttp(bench, options);
  const running = options.servers.map((start) => start(bench));
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-wrk-'));
  try {
    const [server] = await Promise.all(running.map(({ result }) => result));
    const load = (durationMs: number, firstToken: number) =>
      runWrk(bench, { wrk, folder, port: server?.port ?? 0, durationMs, firstToken, request: options.request });
    const warmUp = await load(bench.warmUpMs, 0);
    // By now the first tokens may have reached the rate limit of their users.
    const { responses, seconds, p50Ms, p99Ms, ...errors } = await load(bench.windowMs, bench.userCount / 2);
    const refused = warmUp.refused + errors.refused;
    const broken = warmUp.broken + errors.broken;
    return {
      value: responses / seconds,
      metrics: { 'p50, ms': p50Ms, 'p99, ms': p99Ms },
      violations: [
        ...(refused > 0 ? [`${refused} responses had a status of 400 or above`] : []),
        ...(broken > 0 ? [`${broken} connections or requests failed`] : []),
      ],
      responses: warmUp.responses + responses,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await Promise.all(running.map((server) => server.stop()));
  }
}

interface WrkOptions {
  readonly wrk: string;
  readonly folder: string;
  readonly port: number;
  readonly durationMs: number;
  readonly firstToken: number;
  readonly request: LoadOptions['request'];
}

async function runWrk({ connections, signal }: Bench, options: WrkOptions): Promise<Summary> {
  const { wrk, folder, port, durationMs } = options;
  const script = join(folder, 'script.lua');
  await writeFile(script, scriptOf(options));
  // wrk takes whole seconds.
  const seconds = Math.max(1, Math.round(durationMs / 1000));
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, `http://127.0.0.1:${port}`];
  const { stdout } = await promisify(execFile)(wrk, args, { signal });
  const summary = /^summary (.+)$/m.exec(stdout)?.[1];
  if (summary === undefined) throw new Error(`wrk printed no summary:\n${stdout}`);
  return JSON.parse(summary) as Summary;
}

/** The script of wrk: each request takes the next token, and at the end it prints a {@link Summary}. */
function scriptOf({ request, firstToken }: Pick<WrkOptions, 'request' | 'firstToken'>): string {
  const [head, tail] = requestAroundToken(request);
  // Lua and JSON have the same escapes for ASCII.
  const text = (value: string) => JSON.stringify(value);
  return `
local tokens = {}
local position = ${firstToken}
function init()
  for token in io.lines(${text(request.tokensFile ?? '')}) do tokens[#tokens + 1] = token end
end
function request()
  position = position % #tokens + 1
  return ${text(`${head}Authorization: Bearer `)} .. tokens[position] .. ${text(`\r\n${tail}`)}
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'summary {"responses":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"refused":%d,"broken":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
`;
}
