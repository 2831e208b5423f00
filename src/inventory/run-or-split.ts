/**
 * Runs a batch. If it fails for a reason that one of its requests may have caused, runs each half by itself, and so on: a
 * faulty request fails alone, and the others are served.
 *
 * @param run serves the requests together, or throws with nothing done.
 * @param maySplit whether a single request may have caused the failure; otherwise the failure is thrown.
 * @param onSplit called before each split.
 * @returns one outcome for each request, in their order; an Error for a request that failed.
 */
export async function runOrSplit<Request, Result>(
  requests: readonly Request[],
  run: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>,
  maySplit: (error: unknown) => boolean,
  onSplit: (error: unknown, size: number) => void,
): Promise<readonly (Result | Error)[]> {
  try {
    return await run(requests);
  } catch (error) {
    if (requests.length === 1 || !maySplit(error)) throw error;
    onSplit(error, requests.length);
    const middle = Math.ceil(requests.length / 2);
    const outcomes: (Result | Error)[] = [];
    // One after the other: both lock the same row, and the first half arrived first.
    for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
      const outcome = await runOrSplit(half, run, maySplit, onSplit).catch((failure: unknown) =>
        half.map(() => (failure instanceof Error ? failure : new Error(String(failure)))),
      );
      outcomes.push(...outcome);
    }
    return outcomes;
  }
}
