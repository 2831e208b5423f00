import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readTokens } from '../harness/load-users.js';
import { clock, runChild } from './child.js';
import { openHttpConnection } from './http-connection.js';
import { requestAroundToken, type LoadRequest } from './http-request.js';
import { increment } from './throughput-recorder.js';

/** Requests that reserve a unit of a drop before, at and after its start. A token is used again when all were used. */
export interface CrowdPlan extends LoadRequest {
  readonly databaseUrl: string;
  readonly dropId: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly connections: number;
  readonly tokensFile: string;
  /** The drop starts one second after so many requests have a response. */
  readonly requestsBefore: number;
  /** How long requests continue after the start. */
  readonly windowMs: number;
}

export interface CrowdResult {
  /** From the start, by PostgreSQL's clock, to the first 201 response, by this process's: on one machine the same. */
  readonly firstGrantMs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly unanswered: number;
}

const LAST_RESPONSE_TIMEOUT_MS = 30_000;

async function ask(plan: CrowdPlan): Promise<CrowdResult> {
  const { port, dropId, requestsBefore, windowMs } = plan;
  const tokens = await readTokens(plan.tokensFile);
  const [head, tail] = requestAroundToken(plan);
  const database = new pg.Client({ connectionString: plan.databaseUrl });
  await database.connect();
  const outcomes: Record<string, number> = {};
  let [sent, responses, firstGrantAt, isEnding] = [0, 0, Infinity, false];
  const before = new EventEmitter();

  const connections = Array.from({ length: plan.connections }, () =>
    openHttpConnection({
      port,
      nextRequest() {
        if (isEnding) return null;
        sent += 1;
        return `${head}Authorization: Bearer ${tokens[sent % tokens.length]}\r\n${tail}`;
      },
      onResponse(status) {
        responses += 1;
        increment(outcomes, status);
        if (status === 201) firstGrantAt = Math.min(firstGrantAt, clock());
        if (responses === requestsBefore) before.emit('over');
      },
    }),
  );
  await once(before, 'over');
  const { rows } = await database.query<{ startsAt: number }>(
    `UPDATE drops SET drop_starts_at = clock_timestamp() + interval '1 s' WHERE id = $1
     RETURNING extract(epoch FROM drop_starts_at)::float8 * 1000 AS "startsAt"`,
    [dropId],
  );
  await database.end();
  const startsAt = rows[0]?.startsAt ?? NaN;
  await sleep(startsAt + windowMs - clock());
  isEnding = true;
  const allClosed = Promise.all(connections.map(({ closed }) => closed));
  await Promise.race([allClosed, sleep(LAST_RESPONSE_TIMEOUT_MS, undefined, { ref: false })]);
  for (const connection of connections) connection.close();
  return { firstGrantMs: firstGrantAt - startsAt, outcomes, unanswered: sent - responses };
}

await runChild(async (plan: CrowdPlan) => ({ result: await ask(plan) }));
