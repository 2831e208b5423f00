import { createBatcher, type Batcher, type BatcherOptions } from '../../src/lib/batcher.js';

/** A running batch, which the test ends. */
export interface SentBatch<Request> {
  readonly key: string;
  readonly requests: readonly Request[];
  /** Ends it with these outcomes; by default each request has an outcome made of its name. */
  finish(outcomes?: readonly (string | Error)[]): Promise<void>;
  /** Ends it with an exception. */
  fail(error: Error): Promise<void>;
}

/** Waits for everything that needs no timer: the effects of a batch's end take two turns of the event loop. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A batcher and its batches so far, which run until the test ends them. */
export function openBatcher<Request>(
  options: Partial<Omit<BatcherOptions<Request, string>, 'run'>> = {},
): Batcher<Request, string> & { readonly sent: SentBatch<Request>[] } {
  const sent: SentBatch<Request>[] = [];
  const batcher = createBatcher<Request, string>({
    maxBatchSize: 100,
    maxRunning: 100,
    ...options,
    run: (key, requests) =>
      new Promise((resolve, reject) => {
        sent.push({
          key,
          requests,
          finish(outcomes = requests.map(outcomeOf)) {
            resolve(outcomes);
            return turns();
          },
          fail(error) {
            reject(error);
            return turns();
          },
        });
      }),
  });
  return { ...batcher, sent };
}

type TestBatcher = ReturnType<typeof openBatcher<string>>;

/** The batches so far, each as one string. */
export function batchesOf({ sent }: TestBatcher): string[] {
  return sent.map(({ requests }) => requests.join(''));
}

/** Submits requests; the outcomes are in the same order. */
export function submitAll(batcher: TestBatcher, requests: readonly string[], key = 'key'): Promise<string>[] {
  return requests.map((request) => settled(batcher.submit(key, request)));
}

/** Submits requests and ignores their outcomes. */
export function enqueue(...args: Parameters<typeof submitAll>): void {
  void submitAll(...args);
}

/** Prevents an unhandled rejection before the test reads the promise. */
export function settled(promise: Promise<string>): Promise<string> {
  promise.catch(() => undefined);
  return promise;
}

/** The default outcome of a request. */
export function outcomeOf(request: unknown): string {
  return `${JSON.stringify(request)} is served`;
}

/** The state of a promise: its value, its error, or pending. */
export async function settlementOf(promise: Promise<unknown>): Promise<unknown> {
  let settlement: unknown = 'pending';
  promise.then(
    (value) => (settlement = value),
    (error: unknown) => (settlement = error),
  );
  await turns();
  return settlement;
}
