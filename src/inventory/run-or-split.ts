/**
 * Runs a batch; if that fails for a reason that may lie in one of its requests, runs each half by itself, and so on, so that
 * a bad request fails alone and its neighbours get what they would have got without it.
 *
 * @param run serves the requests in one go, or throws with nothing done.
 * @param maySplit whether a failure may be one request's fault. Any other is everybody's.
 * @param onSplit called before each split.
 * @returns one outcome a request, in their order; the error of one that failed.
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
    // One after the other: they are for the same row, and the first came first.
    for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
      const outcome = await runOrSplit(half, run, maySplit, onSplit).catch((failure: unknown) =>
        half.map(() => (failure instanceof Error ? failure : new Error(String(failure)))),
      );
      outcomes.push(...outcome);
    }
    return outcomes;
  }
}
