import { AppError } from '../../src/lib/errors/index.js';

/** What came of a call: `granted`, or the code of the refusal, or the code or name of what went wrong. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'granted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    return (error as { code?: string }).code ?? (error as Error).name;
  }
}

/** Adds one to a tally. */
export function count(tally: Record<string, number>, what: string | number): void {
  tally[what] = (tally[what] ?? 0) + 1;
}
