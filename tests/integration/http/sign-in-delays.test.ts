import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { metricOf } from '../../helpers/other-batches.js';
import { recordedStatements } from '../../helpers/statements.js';
import { as, expectProblem, expectSuccess } from './support.js';

const PASSWORD = 'correct horse';
const FREE_FAILURES = 3;
const FREE_FAILURES_OF_ADDRESS = 12;
const MAX_DELAY_SECONDS = 900;

let app: TestApp;
const statements = recordedStatements();

beforeAll(async () => {
  app = await startTestApp({
    env: {
      RATE_LIMIT_ENABLED: 'true',
      TRUST_PROXY: '1',
      SIGN_IN_FAILURES: String(FREE_FAILURES),
      SIGN_IN_FAILURES_PER_ADDRESS: String(FREE_FAILURES_OF_ADDRESS),
    },
    PgClient: statements,
  });
});
afterAll(() => app.close());

// Delays are measured by a clock that stands still until a test moves it, so that they do not depend on the machine.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (seconds: number) => {
  vi.advanceTimersByTime(seconds * 1_000);
};

let addresses = 0;
function newAddress(): string {
  addresses += 1;
  return `192.0.2.${addresses}`;
}

const signIn = (email: string, password: string, address: string) =>
  app.http.post('/api/users/login').set('X-Forwarded-For', address).send({ email, password });

async function newAccount(): Promise<string> {
  const username = `u_${randomBytes(8).toString('hex')}`;
  const email = `${username}@example.com`;
  const body = { username, email, password: PASSWORD };
  expectSuccess(await app.http.post('/api/users/register').set('X-Forwarded-For', newAddress()).send(body), 201);
  return email;
}

/** The answer to a wrong password: 401, or the seconds of a delay. */
async function fail(email: string, address: string): Promise<number> {
  const response = await signIn(email, 'wrong', address);
  if (response.status === 401) {
    expectProblem(response, 'invalid-credentials');
    return 401;
  }
  const { detail } = expectProblem(response, 'rate-limited');
  const seconds = Number(response.headers['retry-after']);
  expect(detail).toContain(`try again in ${seconds} second`);
  return seconds;
}

/** Fails so many times, and waits for the end of the delay before each. Returns the delays in seconds. */
async function failRepeatedly(email: string, address: string, times: number): Promise<number[]> {
  const delays: number[] = [];
  for (let failure = 0; failure < times; failure += 1) {
    expect(await fail(email, address)).toBe(401);
    if (failure + 1 < FREE_FAILURES) continue;
    const seconds = await fail(email, address);
    delays.push(seconds);
    pass(seconds);
  }
  return delays;
}

const newEmail = () => `${randomBytes(8).toString('hex')}@example.com`;

describe('failures of one address with one e-mail', () => {
  it('delay the next sign-in twice as long each time, up to a quarter of an hour', async () => {
    const email = await newAccount();
    expect(await failRepeatedly(email, newAddress(), FREE_FAILURES + 11)).toEqual([
      1,
      2,
      4,
      8,
      16,
      32,
      64,
      128,
      256,
      512,
      MAX_DELAY_SECONDS,
      MAX_DELAY_SECONDS,
    ]);
  });

  it('are the same for an e-mail without an account, and in any case of its letters', async () => {
    const [email, address] = [newEmail(), newAddress()];
    expect(await failRepeatedly(email, address, FREE_FAILURES + 2)).toEqual([1, 2, 4]);
    expect(await fail(email, address)).toBe(401);
    expect(await fail(email.toUpperCase(), address)).toBe(8);
  });

  it('count from the moment of a try: more at the same time are refused', async () => {
    const [email, address] = [await newAccount(), newAddress()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => fail(email, address)));
    expect(answers.filter((answer) => answer === 401)).toHaveLength(FREE_FAILURES);
    expect(answers.filter((answer) => answer === 1)).toHaveLength(8 - FREE_FAILURES);
  });

  it('refuse the right password as well, without a query, until the delay ends; it ends them all', async () => {
    const [email, address] = [await newAccount(), newAddress()];
    await failRepeatedly(email, address, FREE_FAILURES + 3);
    expect(await fail(email, address)).toBe(401);
    const sent = await statements.during(async () => {
      expectProblem(await signIn(email, PASSWORD, address), 'rate-limited');
    });
    expect(sent).toEqual([]);
    pass(16);
    expectSuccess(await signIn(email, PASSWORD, address), 200);
    expect(await failRepeatedly(email, address, FREE_FAILURES)).toEqual([1]);
  });

  it('delay a change of the password and closing the account as well, which then read no hash', async () => {
    const [email, address] = [await newAccount(), newAddress()];
    const { data } = expectSuccess(await signIn(email, PASSWORD, address), 200);
    const change = () =>
      as(data, app.http.patch('/api/users/me/password'))
        .set('X-Forwarded-For', address)
        .send({ currentPassword: PASSWORD, newPassword: `${PASSWORD} 2` });
    const erase = () =>
      as(data, app.http.delete('/api/users/me')).set('X-Forwarded-For', address).send({ password: PASSWORD });
    const readsOfHash = async (work: () => Promise<unknown>) =>
      (await statements.during(work)).filter((sql) => sql.includes('password_hash')).length;

    await failRepeatedly(email, address, FREE_FAILURES);
    expect(await fail(email, address)).toBe(401);
    expect(
      await readsOfHash(async () => {
        expectProblem(await change(), 'rate-limited');
        expectProblem(await erase(), 'rate-limited');
      }),
    ).toBe(0);
    pass(2);
    expect(
      await readsOfHash(async () => {
        expectSuccess(await change(), 200);
      }),
    ).toBeGreaterThan(0);
  });

  it('do not lock the owner out, who signs in from another address', async () => {
    const email = await newAccount();
    const attackers = Array.from({ length: 5 }, newAddress);
    for (const address of attackers) await failRepeatedly(email, address, FREE_FAILURES + 2);
    for (const address of attackers) expect(await fail(email, address)).toBe(401);
    expectSuccess(await signIn(email, PASSWORD, newAddress()), 200);
    // The owner's success is none of the attackers'.
    for (const address of attackers) expect(await fail(email, address)).toBe(8);
  });

  it('are forgiven one by one, each after an hour', async () => {
    const [email, address] = [await newAccount(), newAddress()];
    expect(await failRepeatedly(email, address, FREE_FAILURES + 1)).toEqual([1, 2]);
    pass(2 * 3_600);
    expect(await fail(email, address)).toBe(401);
    expect(await fail(email, address)).toBe(1);
  });
});

describe('failures of one address with any e-mails', () => {
  const failWithOthers = async (address: string, times: number) => {
    for (let failure = 0; failure < times; failure += 1) expect(await fail(newEmail(), address)).toBe(401);
  };

  it('delay every sign-in from there, for a minute at most, and none from elsewhere', async () => {
    const [email, address] = [await newAccount(), newAddress()];
    await failWithOthers(address, FREE_FAILURES_OF_ADDRESS - 1);
    expectSuccess(await signIn(email, PASSWORD, newAddress()), 200);
    await failWithOthers(address, 1);
    expectProblem(await signIn(email, PASSWORD, address), 'rate-limited');
    for (const seconds of [1, 2, 4]) {
      expect(await fail(newEmail(), address)).toBe(seconds);
      pass(seconds);
      await failWithOthers(address, 1);
    }
    expectSuccess(await signIn(email, PASSWORD, newAddress()), 200);
    pass(60);
    expectSuccess(await signIn(email, PASSWORD, address), 200);
  });

  it('are forgiven by accounts that sign in, each once an hour, and with the time', async () => {
    const [email, other, address] = [await newAccount(), await newAccount(), newAddress()];
    await failWithOthers(address, FREE_FAILURES_OF_ADDRESS - 2);
    for (const each of [email, other, email, email]) expectSuccess(await signIn(each, PASSWORD, address), 200);
    await failWithOthers(address, 4);
    expect(await fail(newEmail(), address)).toBe(1);
    pass(20);
    await failWithOthers(address, 2);
    expect(await fail(newEmail(), address)).toBe(1);
  });
});

it('are counted by reason when they are refused', async () => {
  const [email, address] = [newEmail(), newAddress()];
  const refusals = (reason: string) =>
    metricOf(app.context.metrics, 'sign_ins_refused_total', 'sign_ins_refused_total', reason);
  const before = { account: await refusals('account-delay'), address: await refusals('address-delay') };
  await failRepeatedly(email, address, FREE_FAILURES);
  expect(await refusals('account-delay')).toBe(before.account + 1);
  for (let failure = FREE_FAILURES; failure < FREE_FAILURES_OF_ADDRESS; failure += 1) await fail(newEmail(), address);
  await fail(newEmail(), address);
  expect(await refusals('address-delay')).toBe(before.address + 1);
});

it('an unknown e-mail and a wrong password cost the same queries and comparisons', async () => {
  const verify = vi.spyOn(app.context.passwords, 'verify');
  const workOf = async (email: string) => {
    verify.mockClear();
    const sent = await statements.during(() => fail(email, newAddress()));
    return { sent, comparisons: verify.mock.calls.length };
  };
  const known = await workOf(await newAccount());
  const unknown = await workOf(newEmail());
  const refused = await statements.during(async () => {
    expectProblem(await app.http.post('/api/users/login').send({ email: 'x' }), 'validation-failed');
  });
  expect(unknown).toEqual(known);
  expect(known).toMatchObject({ sent: [expect.stringContaining('lower(u.email')], comparisons: 1 });
  expect(refused).toEqual([]);
  verify.mockRestore();
});

it('RATE_LIMIT_ENABLED=false turns the delays off', async () => {
  const unlimited = await startTestApp({ database: app.database });
  try {
    for (let failure = 0; failure < 8; failure += 1) {
      const response = await unlimited.http
        .post('/api/users/login')
        .send({ email: 'x@example.com', password: 'wrong' });
      expectProblem(response, 'invalid-credentials');
    }
  } finally {
    await unlimited.close();
  }
});
