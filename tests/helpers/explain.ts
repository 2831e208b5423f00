import type { TestDatabase } from './database.js';
import type { Statement } from './statements.js';

/** What EXPLAIN says of one step. */
export interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Step[];
}

/** A row of `EXPLAIN (FORMAT JSON)`. */
export interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Step }[];
}

/** Carries a statement out, and tells the steps of its plan. */
export async function stepsOf(database: TestDatabase, { text, values = [] }: Statement): Promise<Step[]> {
  const { rows } = await database.query<Explained>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
  return stepsIn(rows);
}

/** The steps of an explained plan. */
export function stepsIn([row]: readonly Explained[]): Step[] {
  const [explained] = row?.['QUERY PLAN'] ?? [];
  if (!explained) throw new Error('EXPLAIN said nothing');
  return withChildren(explained.Plan);
}

function withChildren(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(withChildren)];
}

/** How many rows or entries of an index the steps read, in all. */
export function rowsOf(steps: readonly Step[]): number {
  const readBy = (step: Step) => step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0);
  return steps.reduce((sum, step) => sum + readBy(step) * step['Actual Loops'], 0);
}
