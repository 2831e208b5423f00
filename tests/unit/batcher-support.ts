import { createBatcher, type Batcher, type BatcherOptions } from '../../src/lib/batcher.js';

/** A batch under way, which the test ends. */
export interface SentBatch<Request> {
  readonly key: string;
  readonly requests: readonly Request[];
  /** Ends it with these outcomes; without any, each request has the outcome that says so. */
  finish(outcomes?: readonly (string | Error)[]): Promise<void>;
  /** Ends it by an error. */
  fail(error: Error): Promise<void>;
}

/** Lets everything happen that needs no clock: what a batch's end leads to happens two turns of the event loop later. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A batcher, and the batches it has sent so far: they are under way until the test ends them. */
export function openBatcher<Request>(
  options: Partial<Omit<BatcherOptions<Request, string>, 'run'>> = {},
): Batcher<Request, string> & { readonly sent: SentBatch<Request>[] } {
  const sent: SentBatch<Request>[] = [];
  const batcher = createBatcher<Request, string>({
    maxBatch: 100,
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

/** The batches sent so far, each as one string. */
export function batchesOf({ sent }: TestBatcher): string[] {
  return sent.map(({ requests }) => requests.join(''));
}

/** Submits in this order; the outcomes in the same. */
export function submitAll(batcher: TestBatcher, requests: readonly string[], key = 'key'): Promise<string>[] {
  return requests.map((request) => settled(batcher.submit(key, request)));
}

/** Submits in this order, and does not look at the outcomes. */
export function arrive(...args: Parameters<typeof submitAll>): void {
  void submitAll(...args);
}

/** So that a refusal that nobody looks at yet is not an unhandled one. */
export function settled(promise: Promise<string>): Promise<string> {
  promise.catch(() => undefined);
  return promise;
}

/** What a request comes to, unless the test says otherwise. */
export function outcomeOf(request: unknown): string {
  return `${JSON.stringify(request)} is served`;
}

/** What became of a promise: its value, its error, or that it is open. */
export async function settlementOf(promise: Promise<unknown>): Promise<unknown> {
  let settlement: unknown = 'open';
  promise.then(
    (value) => (settlement = value),
    (error: unknown) => (settlement = error),
  );
  await turns();
  return settlement;
}
