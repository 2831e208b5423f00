import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, Children } from '../harness/children.js';
import type { BenchDatabase, BenchPostgres } from '../harness/database.js';
import { clock } from '../processes/child.js';
import type { ServerPlan, ServerResult } from '../processes/server.js';
import { ATTACKER_COUNT, DEFAULT_PREPARATION_MS, type Attack, type Target, type Traffic } from './attack.js';
import type { AttackerPlan } from './processes/attacker.js';
import type { HonestPlan, HonestResult } from './processes/honest-users.js';
import type { AttackRuns, Pair, Run } from './summary.js';

export interface Arena {
  readonly postgres: BenchPostgres;
  readonly children: Children;
  readonly signal: AbortSignal;
  /** For the logs of the service. */
  readonly folder: string;
  readonly pairs: number;
  readonly seconds: number;
  /** Called before each run. */
  onRun(name: string): void;
}

/** Clients have addresses of their own, as behind a load balancer. */
const BEHIND_PROXY = { TRUST_PROXY: '1' };

const HONEST_PER_SECOND = 100;
const WARM_UP = { perSecond: 500, seconds: 3 };
/** The attack begins before the measurement. */
const LEAD_MS = 1_000;
/** More than can be reserved. */
const STOCK = 900_000;

const CALM_RESPONSE_MS = 25;
const CALM_RESPONSES = 5;
const CALM_TIMEOUT_MS = 60_000;
const CALM_INTERVAL_MS = 100;

/** Load users that one attack needs: each honest request belongs to another. */
export function userCountOf({ pairs, seconds }: Pick<Arena, 'pairs' | 'seconds'>): number {
  return firstAttackerOf({ pairs, seconds }) + ATTACKER_COUNT;
}

function firstAttackerOf({ pairs, seconds }: Pick<Arena, 'pairs' | 'seconds'>): number {
  return WARM_UP.perSecond * WARM_UP.seconds + pairs * 3 * seconds * HONEST_PER_SECOND;
}

/** Runs the attack and its control in turn against one service, and measures what honest users notice. */
export async function runAttack(arena: Arena, attack: Attack): Promise<AttackRuns> {
  const database = await arena.postgres.createDatabase();
  try {
    const dropId = await database.createDrop(STOCK);
    await attack.setUp?.(database, dropId);
    const logFile = join(arena.folder, `${attack.name}.log`);
    const service = startService(arena, database, { logFile });
    try {
      const { port } = await service.result;
      return await runPairs(arena, attack, { port, dropId, logFile });
    } finally {
      await service.stop();
    }
  } finally {
    await database.drop();
  }
}

/** Starts the service, with production settings, in a process of its own. */
export function startService(
  { children }: Pick<Arena, 'children'>,
  database: BenchDatabase,
  { logFile, settings }: { readonly logFile?: string; readonly settings?: Readonly<Record<string, string>> } = {},
): Child<ServerResult> {
  const plan: ServerPlan = { databaseUrl: database.url, settings: { ...BEHIND_PROXY, ...settings } };
  return children.start<ServerResult>('server', plan, logFile);
}

async function runPairs(
  arena: Arena,
  attack: Attack,
  { port, dropId, logFile }: Pick<Target, 'port' | 'dropId'> & { logFile: string },
): Promise<AttackRuns> {
  const { children, seconds } = arena;
  const firstAttacker = firstAttackerOf(arena);
  let nextUser = 0;

  async function run(name: string, preparationMs: number, attacker: Omit<AttackerPlan, 'target'> | null): Promise<Run> {
    arena.signal.throwIfAborted();
    arena.onRun(`${attack.name}: ${name}`);
    const linesBefore = await countLines(logFile);
    const startAt = clock() + preparationMs + LEAD_MS;
    const endAt = startAt + seconds * 1000;
    const target: Target = { port, dropId, firstAttacker, startAt: startAt - LEAD_MS, endAt };
    const [honest, traffic] = await Promise.all([
      sendHonest({ startAt, endAt, perSecond: HONEST_PER_SECOND, withSignIns: attack.withSignIns ?? false }),
      attacker && children.run<Traffic>('../abuse/processes/attacker', { ...attacker, target } satisfies AttackerPlan),
    ]);
    const recoveryMs = await untilCalm(port);
    return { honest, traffic, recoveryMs, logLines: (await countLines(logFile)) - linesBefore };
  }

  async function sendHonest(plan: Pick<HonestPlan, 'startAt' | 'endAt' | 'perSecond' | 'withSignIns'>) {
    const firstUser = nextUser;
    nextUser += Math.ceil(((plan.endAt - plan.startAt) * plan.perSecond) / 1000);
    return children.run<HonestResult>('../abuse/processes/honest-users', {
      ...plan,
      port,
      dropId,
      firstUser,
    } satisfies HonestPlan);
  }

  async function runPair(withBaseline: boolean): Promise<Pair> {
    const preparationMs = attack.preparationMs ?? DEFAULT_PREPARATION_MS;
    const isCompared = attack.control === 'none';
    const baseline = withBaseline || isCompared ? await run('baseline', DEFAULT_PREPARATION_MS, null) : null;
    const attacked = await run('attack', preparationMs, { attack: attack.name });
    // After the attack, because it sends as many requests as the attack could.
    const controlPerSecond = attacked.traffic?.perSecond ?? 0;
    const control =
      isCompared && baseline
        ? baseline
        : await run('control', preparationMs, { attack: attack.name, controlPerSecond });
    return { baseline, control, attack: attacked };
  }

  const warmUpAt = clock() + DEFAULT_PREPARATION_MS;
  arena.onRun(`${attack.name}: warm-up`);
  const { perSecond } = WARM_UP;
  await sendHonest({ startAt: warmUpAt, endAt: warmUpAt + WARM_UP.seconds * 1000, perSecond, withSignIns: false });
  const pairs: Pair[] = [];
  let failure: string | null = null;
  while (pairs.length < arena.pairs && failure === null) {
    try {
      pairs.push(await runPair(pairs.length % 2 === 0));
    } catch (error) {
      arena.signal.throwIfAborted();
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  return { pairs, failure };
}

/** Waits until the service answers at once again. Returns how long that took, in ms. @throws if it takes too long. */
async function untilCalm(port: number): Promise<number> {
  const began = clock();
  for (let calm = 0; calm < CALM_RESPONSES;) {
    const sentAt = clock();
    if (sentAt - began > CALM_TIMEOUT_MS) {
      throw new Error(`${CALM_TIMEOUT_MS / 1000} s after the run, the service still does not answer at once`);
    }
    const isOk = await fetch(`http://127.0.0.1:${port}/api/health`, { signal: AbortSignal.timeout(CALM_TIMEOUT_MS) })
      .then(async (response) => {
        await response.arrayBuffer();
        return response.ok;
      })
      .catch(() => false);
    calm = isOk && clock() - sentAt < CALM_RESPONSE_MS ? calm + 1 : 0;
    await sleep(CALM_INTERVAL_MS);
  }
  return clock() - began;
}

async function countLines(file: string): Promise<number> {
  return (await readFile(file, 'latin1')).split('\n').length;
}
