import type { TestDatabase } from './database.js';
import type { Statement } from './statements.js';

/** What EXPLAIN says of one step. */
export interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Step[];
}

/** Carries a statement out, and tells the steps of its plan. */
export async function stepsOf(database: TestDatabase, { text, values = [] }: Statement): Promise<Step[]> {
  const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: Step }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [
    ...values,
  ]);
  const [explained] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!explained) throw new Error('EXPLAIN said nothing');
  return withChildren(explained.Plan);
}

function withChildren(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(withChildren)];
}

/** How many rows or entries of an index the steps gave, in all. */
export function rowsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + step['Actual Rows'] * step['Actual Loops'], 0);
}
