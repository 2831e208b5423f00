import type { TestDatabase } from './database.js';
import type { Statement } from './statements.js';

/** A node of a plan. */
export interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Step[];
}

/** A row of `EXPLAIN (FORMAT JSON)`. */
export interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Step }[];
}

/** Runs a statement and returns the nodes of its plan. */
export async function stepsOf(
  database: Pick<TestDatabase, 'query'>,
  { text, values = [] }: Statement,
): Promise<Step[]> {
  const { rows } = await database.query<Explained>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
  return stepsIn(rows);
}

/** Returns the root of an explained plan. */
export function planIn([row]: readonly Explained[]): Step {
  const [explained] = row?.['QUERY PLAN'] ?? [];
  if (!explained) throw new Error('EXPLAIN returned no plan');
  return explained.Plan;
}

/** Returns all nodes of an explained plan, the root first. */
export function stepsIn(rows: readonly Explained[]): Step[] {
  return withChildren(planIn(rows));
}

function withChildren(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(withChildren)];
}

/** Returns how many rows or index entries the nodes read in total. */
export function rowsRead(steps: readonly Step[]): number {
  const readBy = (step: Step) => step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0);
  return steps.reduce((sum, step) => sum + readBy(step) * step['Actual Loops'], 0);
}
