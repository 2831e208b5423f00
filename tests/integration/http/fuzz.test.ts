import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { requestOf, type FuzzRequest } from '../../helpers/fuzz/cases.js';
import { complaintsAbout, type FuzzResponse } from '../../helpers/fuzz/checks.js';
import { createFuzzClient, toCurl, type FuzzClient } from '../../helpers/fuzz/client.js';
import { complaintsAboutLifetime } from '../../helpers/fuzz/lifetimes.js';
import { fetchOperations, type Operation } from '../../helpers/fuzz/openapi.js';

/** All of them together, over the clients. CI sends 10 000. */
const CASES = Number(process.env.FUZZ_CASES ?? 10_000);
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31 - 100));
/** Of a failure: sends only the request that it led to. */
const PATH = process.env.FUZZ_PATH;
/** Each has one connection, and sends its requests one after the other, so that they can be replayed. */
const CLIENTS = PATH === undefined ? 8 : 1;

/** Requests that are sent after a failure, to find a smaller one. */
const MAX_SHRINKS = 300;

let app: TestApp;
let operations: Operation[];
const seen = new Map<string, Set<string>>();

beforeAll(async () => {
  // The longest hold: none expires while the test reads it.
  app = await startTestApp({ env: { RESERVATION_TTL_SECONDS: '900' } });
  operations = await fetchOperations(app.url);
});
afterAll(() => app.close());

/** They cost a bcrypt hash each, or end the token with which the other requests are sent. */
const RARE = /^(register|login|logout|logoutAll|changePassword|deleteMe)$/;
const weightOf = ({ operationId }: Operation) => (RARE.test(operationId) ? 1 : 4);

function record({ operation }: FuzzRequest, { status }: FuzzResponse): void {
  const results = seen.get(operation.operationId) ?? new Set();
  seen.set(operation.operationId, results.add(status < 300 ? 'success' : `${status}`));
}

async function check(client: FuzzClient, request: FuzzRequest): Promise<void> {
  const { sent, response } = await client.exchange(request);
  record(request, response);
  const complaints = [
    ...complaintsAbout(request, response),
    ...(await complaintsAboutLifetime(client, operations, { request, target: sent.target, response })),
  ];
  if (complaints.length > 0)
    throw new Error(`${complaints.join('\n')}\nintent: ${request.intent}\n${toCurl(app.url, sent)}\n`);
}

/** Sends the requests of one client. Throws the smallest one that a check complains about, and how to replay it. */
async function fuzz(seed: number): Promise<void> {
  const requests = fc.oneof(...operations.map((each) => ({ weight: weightOf(each), arbitrary: requestOf(each) })));
  const client = await createFuzzClient(app);
  const options = { seed, numRuns: Math.ceil(CASES / CLIENTS), ...(PATH !== undefined && { path: PATH, numRuns: 1 }) };
  let remaining = Infinity;
  const property = fc.asyncProperty(requests, async (request) => {
    // A request that is not sent any more counts as one without a fault, which ends the search for a smaller one.
    if (remaining === 0) return;
    remaining -= 1;
    try {
      await check(client, request);
    } catch (error) {
      remaining = Math.min(remaining, MAX_SHRINKS);
      throw error;
    }
  });
  const result = await fc.check(property, options);
  client.close();
  if (!result.failed) return;
  const replay = `FUZZ_SEED=${seed} FUZZ_PATH=${result.counterexamplePath} npx vitest run tests/integration/http/fuzz.test.ts`;
  throw new Error(`${(result.errorInstance as Error).message}\nAgain: ${replay}`);
}

it('every request gets what /openapi.json says, by the checks of Schemathesis', async () => {
  const startedAt = performance.now();
  console.log(`Fuzzing ${CASES} requests with FUZZ_SEED=${SEED}`);
  const results = await Promise.allSettled(Array.from({ length: CLIENTS }, (_, index) => fuzz(SEED + index)));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as Error).message] : [],
  );
  expect(failures.join('\n\n')).toBe('');
  console.log(`Took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
});

it.skipIf(PATH !== undefined || CASES < 5000)(
  'the requests reached every operation, with success and with refusals',
  () => {
    const unsuccessful = operations.filter(({ operationId }) => !seen.get(operationId)?.has('success'));
    expect(unsuccessful.map(({ operationId }) => operationId)).toEqual([]);
    for (const { operationId, needsToken, parameters, body } of operations) {
      const expected = [...(needsToken ? ['401'] : []), ...(body || parameters.length > 0 ? ['400'] : []), '405'];
      expect([operationId, ...(seen.get(operationId) ?? [])]).toEqual(expect.arrayContaining(expected));
    }
  },
);

it('the data is consistent afterwards, and readable', async () => {
  expect(await app.mismatches()).toEqual([]);
  expect((await app.http.get('/api/drops?pageSize=100')).body).toMatchObject({ status: 'success' });
});
