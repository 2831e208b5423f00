import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { STOP_TIMEOUT_MS } from '../harness/children.js';
import { clock } from '../processes/child.js';
import { formatValue, table } from '../report/report.js';
import type { HostileKind, HostilePlan, HostileResult } from './processes/hostile-clients.js';
import { startService, type Arena } from './run-attack.js';

/** Key for `--only`. */
export const hostileConnections = {
  name: 'hostile-connections',
  title:
    'connections that send nothing, headers or a body slowly, or an unknown upgrade: file descriptors (Linux only)',
};

/** File descriptors of the service around connections of one kind. */
export interface DescriptorCounts extends HostileResult {
  readonly kind: HostileKind;
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

export interface DescriptorReport {
  readonly kinds: readonly DescriptorCounts[];
  /** Time that the service took to stop with connections of each kind open, in ms. */
  readonly stopMs: number;
}

const KINDS: readonly HostileKind[] = ['silent', 'slow-headers', 'slow-body', 'unknown-upgrade'];
const CONNECTIONS = 500;
/** Includes the start of the process that opens the connections. */
const PREPARATION_MS = 2_000;
const OPENING_MS = 1_000;
const WAIT_MS = 15_000;
const SAMPLE_INTERVAL_MS = 250;
const SETTLE_MS = 2_000;
/** Connections to the database that may have been opened meanwhile. */
const DATABASE_CONNECTIONS = 20;
/** The grace period and a second. */
const MAX_STOP_MS = 11_000;

/** Counts the file descriptors of a service before, during and after hostile connections of each kind. */
export async function measureDescriptors(arena: Arena): Promise<DescriptorReport> {
  const database = await arena.postgres.createDatabase();
  const service = startService(arena, database);
  try {
    const { port } = await service.result;
    // The first responses open connections to the database.
    await fetch(`http://127.0.0.1:${port}/api/drops`).then((response) => response.text());
    const kinds: DescriptorCounts[] = [];
    for (const kind of KINDS) {
      arena.signal.throwIfAborted();
      arena.onRun(`${hostileConnections.name}: ${kind}`);
      kinds.push(await measureKind(arena, kind, { port, pid: service.pid ?? 0 }));
    }
    arena.onRun(`${hostileConnections.name}: stop`);
    const startAt = clock() + PREPARATION_MS;
    const plan: HostilePlan = { port, kinds: KINDS, count: CONNECTIONS, startAt, endAt: startAt + 2 * WAIT_MS };
    const clients = arena.children.start<HostileResult>('../abuse/processes/hostile-clients', plan);
    await sleep(startAt + OPENING_MS - clock());
    const stopAt = clock();
    await service.stop();
    const stopMs = clock() - stopAt;
    clients.kill();
    return { kinds, stopMs };
  } finally {
    await service.stop();
    await database.drop();
  }
}

async function measureKind(
  { children }: Arena,
  kind: HostileKind,
  { port, pid }: { port: number; pid: number },
): Promise<DescriptorCounts> {
  // The connections of the kind before were closed by the clients just now.
  await sleep(SETTLE_MS);
  const before = await countDescriptors(pid);
  const startAt = clock() + PREPARATION_MS;
  const afterAt = startAt + OPENING_MS + WAIT_MS;
  const plan: HostilePlan = { port, kinds: [kind], count: CONNECTIONS, startAt, endAt: afterAt + OPENING_MS };
  const clients = children.run<HostileResult>('../abuse/processes/hostile-clients', plan);
  // Awaited below.
  clients.catch(() => undefined);
  let peak = before;
  for (; clock() < afterAt; await sleep(SAMPLE_INTERVAL_MS)) peak = Math.max(peak, await countDescriptors(pid));
  const after = await countDescriptors(pid);
  return { kind, before, peak, after, ...(await clients) };
}

async function countDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Whether no kind of connection keeps its descriptors, and the service stops within a second of its grace period. */
export function isWithinDescriptorBounds({ kinds, stopMs }: DescriptorReport): boolean {
  return stopMs <= MAX_STOP_MS && kinds.every(({ before, after }) => after - before <= DATABASE_CONNECTIONS);
}

/** The counts as a table in Markdown. */
export function descriptorsToMarkdown({ kinds, stopMs }: DescriptorReport): string {
  const head = [
    `${CONNECTIONS} connections`,
    'Descriptors before',
    'at most',
    `${WAIT_MS / 1000} s after`,
    'Closed by the service after, s',
    'Answers',
  ];
  const rows = kinds.map(({ kind, before, peak, after, closedMs, answers }) => [
    kind,
    String(before),
    String(peak),
    String(after),
    closedMs ? `${formatValue(closedMs.min / 1000)} – ${formatValue(closedMs.max / 1000)}` : 'never',
    Object.entries(answers)
      .map(([name, count]) => `${name}: ${count}`)
      .join(', '),
  ]);
  const stopped =
    `With ${CONNECTIONS} connections of each kind open, the service ` +
    (stopMs < STOP_TIMEOUT_MS
      ? `stopped within ${formatValue(stopMs / 1000)} s.`
      : `did not stop within ${STOP_TIMEOUT_MS / 1000} s and was killed.`);
  return `${table(head, rows)}\n\n${stopped}`;
}
