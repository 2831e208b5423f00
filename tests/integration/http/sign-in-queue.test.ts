import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { metricOf } from '../../helpers/other-batches.js';
import { delayingStatements, recordedStatements, type Statement } from '../../helpers/statements.js';
import { expectProblem, expectSuccess } from './support.js';

/** In the query of a sign-in, and in no other. */
const QUERY_OF_SIGN_IN = 'lower(u.email';
const PASSWORD = 'correct horse';
const PERSON = '192.0.2.1';

let app: TestApp;
/** Lets the queries of sign-ins go on, which wait until then. */
let openGate: () => void;
/** Of sign-ins, since the start of the service. */
let queryCount: number;
const statements = recordedStatements();
let queried: Statement[];

async function start(options: Parameters<typeof startTestApp>[0] = {}) {
  let isOpen = false;
  const waiting: (() => void)[] = [];
  openGate = () => {
    isOpen = true;
    for (const goOn of waiting) goOn();
  };
  queryCount = 0;
  queried = [];
  const wait = () => {
    queryCount += 1;
    return isOpen ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve));
  };
  app = await startTestApp({
    env: { TRUST_PROXY: '1' },
    PgClient: delayingStatements(QUERY_OF_SIGN_IN, wait, statements),
    expectsServerErrors: true,
    ...options,
  });
  statements.take();
}

afterEach(async () => {
  openGate();
  await app.close();
});

const send = (path: string, body: object, address: string) =>
  app.http.post(`/api/users/${path}`).set('X-Forwarded-For', address).send(body);
const signIn = (email: string, password: string, address: string) => send('login', { email, password }, address);

async function register(address = PERSON) {
  const username = `u_${randomBytes(8).toString('hex')}`;
  const email = `${username}@example.com`;
  expectSuccess(await send('register', { username, email, password: PASSWORD }, address), 201);
  return email;
}

const emailsQueried = () => {
  queried.push(...statements.take());
  return queried.flatMap(({ text, values = [] }) => (text.includes(QUERY_OF_SIGN_IN) ? values : []));
};

/** The address of a flooding client. */
const addressOf = (index: number) => `198.51.100.${index + 1}`;
const waitingSignIns = () =>
  metricOf(app.context.metrics, 'batch_waiting_requests', 'batch_waiting_requests', 'sign-in');

/** Sends so many wrong sign-ins, from as many addresses as given in turn, and waits until all but those that run wait. */
async function flood(count: number, addresses: number) {
  const answered: number[] = [];
  const all = Array.from({ length: count }, (_, index) =>
    signIn(`nobody${index}@example.com`, 'wrong', addressOf(index % addresses)).then(({ status }) => {
      answered.push(status);
    }),
  );
  await until('the flood to wait', async () => (await waitingSignIns()) === count - app.context.passwords.threadCount);
  return { answered, all: Promise.all(all) };
}

describe('a person who signs in during a flood from other addresses', () => {
  const ADDRESSES = 8;

  /** The share of the flood that is answered before the person is. */
  async function shareBeforePerson(): Promise<number> {
    const email = await register();
    const count = 4 * ADDRESSES * app.context.passwords.threadCount;
    const { answered, all } = await flood(count, ADDRESSES);
    const session = signIn(email, PASSWORD, PERSON).then((response) => {
      expectSuccess(response, 200);
      return answered.length / count;
    });
    await until('the person to wait', async () => (await waitingSignIns()) > count - app.context.passwords.threadCount);
    openGate();
    const share = await session;
    await all;
    expect(answered).toEqual(Array.from({ length: count }, () => 401));
    return share;
  }

  it('is served next', async () => {
    await start();
    expect(await shareBeforePerson()).toBeLessThan(0.5);
  });

  it('would be served last if all clients had one address', async () => {
    await start({ env: {} });
    expect(await shareBeforePerson()).toBeGreaterThan(0.5);
  });
});

describe('sign-ins and registrations', () => {
  it('do not wait for each other', async () => {
    await start();
    const { all } = await flood(40, 40);
    const email = await register();
    openGate();
    await all;

    // As many registrations as run at once, which do not end.
    let endRegistrations: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (endRegistrations = resolve));
    const { registrationQueue, passwords } = app.context;
    const registrations = Array.from({ length: passwords.threadCount + 1 }, () =>
      registrationQueue.run(PERSON, () => ended),
    );
    expectSuccess(await signIn(email, PASSWORD, PERSON), 200);
    endRegistrations();
    await Promise.all(registrations);
  });
});

describe('a sign-in whose turn does not come in time', () => {
  it('is refused without a query, and counted', async () => {
    await start({ queueTimeoutMs: 1_000 });
    const { threadCount } = app.context.passwords;
    const running = Array.from({ length: threadCount }, (_, index) =>
      signIn(`nobody${index}@example.com`, 'wrong', addressOf(0)).then(({ status }) => status),
    );
    await until('them to run', () => queryCount >= threadCount);
    const late = await Promise.all(
      Array.from({ length: 60 }, (_, index) => signIn('late@example.com', 'wrong', addressOf(index % 30))),
    );
    for (const response of late) {
      expectProblem(response, 'overloaded');
      expect(response.headers['retry-after']).toBe('1');
    }
    expect(await metricOf(app.context.metrics, 'sign_ins_refused_total', 'sign_ins_refused_total', 'queue')).toBe(60);
    openGate();
    expect(await Promise.all(running)).toEqual(running.map(() => 401));
    expect(emailsQueried()).toContain('nobody0@example.com');
    expect(emailsQueried()).not.toContain('late@example.com');
  });

  it('does not run after its client has disconnected', async () => {
    await start();
    const { threadCount } = app.context.passwords;
    const { all } = await flood(threadCount + 1, 1);
    const abort = new AbortController();
    const abandoned = fetch(`${app.url}/api/users/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': PERSON },
      body: JSON.stringify({ email: 'gone@example.com', password: 'wrong' }),
      signal: abort.signal,
    }).catch(() => 'disconnected');
    await until('it to wait', async () => (await waitingSignIns()) === 2);
    abort.abort();
    expect(await abandoned).toBe('disconnected');
    // The service has read the end of the connection when it answers another request.
    await app.http.get('/api/health').expect(200);
    openGate();
    await all;
    expect(emailsQueried()).not.toContain('gone@example.com');
  });
});
