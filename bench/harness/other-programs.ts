import { readdir, readFile } from 'node:fs/promises';

/** CPU time since the machine started, in ticks of the clock. */
export interface CpuTicks {
  /** Of all processors. */
  readonly total: number;
  /** Used by processes, or by other virtual machines. */
  readonly used: number;
  /** Used by this run: its processes and those of its database. */
  readonly own: number;
}

/** A process, with the ticks that it and the children it has waited for have used. */
interface ProcessTicks {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** Above this share of the machine's CPU time for other programs, a round does not count. */
const MAX_SHARE = 0.1;

/**
 * Reads the CPU time of the machine and of this run. Null where the system does not report it: only Linux does.
 *
 * @param roots ids of the processes that belong to this run with all their descendants.
 */
export async function readCpuTicks(roots: readonly number[]): Promise<CpuTicks | null> {
  try {
    const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const processes = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'latin1').catch(() => '')));
    const own = ticksOfDescendants(processes.filter(Boolean).map(parseProcess), roots);
    return { ...parseMachine(await readFile('/proc/stat', 'latin1')), own };
  } catch {
    return null;
  }
}

/** The share of the machine's CPU time between two readings that other programs used; null if unknown. */
export function shareOfOthers(before: CpuTicks | null, after: CpuTicks | null): number | null {
  if (!before || !after || after.total <= before.total) return null;
  const others = after.used - before.used - (after.own - before.own);
  return Math.max(0, others) / (after.total - before.total);
}

export function isDisturbed({ others }: { readonly others: number | null }): boolean {
  return others !== null && others > MAX_SHARE;
}

/**
 * Parses /proc/stat. Interrupts are not counted as used: they belong to no process, and most of them serve the measured
 * connections.
 */
export function parseMachine(text: string): Pick<CpuTicks, 'total' | 'used'> {
  const fields = /^cpu +(.+)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [user = NaN, nice = NaN, system = NaN, idle = NaN, waiting = NaN, interrupts = NaN, soft = NaN, stolen = NaN] =
    fields;
  const used = user + nice + system + stolen;
  return { used, total: used + idle + waiting + interrupts + soft };
}

/** Parses /proc/<pid>/stat. The name of the program, in parentheses, may contain anything. */
export function parseProcess(text: string): ProcessTicks {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Fields 14 to 17 of proc(5): own time in user and kernel mode, and that of the children.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: parseInt(text, 10), parent: Number(fields[1]), ticks };
}

export function ticksOfDescendants(processes: readonly ProcessTicks[], roots: readonly number[]): number {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOwn = (pid: number | undefined): boolean =>
    pid !== undefined && pid !== 0 && (roots.includes(pid) || isOwn(parents.get(pid)));
  return processes.filter(({ pid }) => isOwn(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
}
