import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as stock from '../../../src/inventory/inventory-errors.js';
import * as errors from '../../../src/lib/errors/index.js';
import * as identity from '../../../src/lib/auth/account-errors.js';
import * as closing from '../../../src/modules/accounts/accounts.errors.js';
import * as accounts from '../../../src/modules/auth/auth.errors.js';
import { PROBLEMS } from '../../../src/modules/problems.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo } from '../../helpers/sockets.js';
import { as, UNKNOWN_ID } from './support.js';

/** Terms for developers: paths, ISO times, names of headers and formats. */
const TECHNICAL_TERMS =
  /\b(body|query|params|headers?|payload|path)\.|\d{4}-\d\d-\d\dT|Idempotency-Key|Authorization|Bearer|Content-Type|Retry-After|application\/|\btoken\b|undefined|null|\[object|[{}<>]|ZodError|Error:/;

function expectPlain(message: unknown): void {
  expect(message).toEqual(expect.stringMatching(/^[^\s.][^\n]{3,400}$/u));
  expect(message).not.toMatch(TECHNICAL_TERMS);
  expect(message).not.toMatch(/[.\s]$/);
}

let app: TestApp;
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  [user, admin] = [await app.createUser(), await app.createUser('admin')];
});
afterAll(() => app.close());

describe('the message of every problem', () => {
  const cause = new Error('secret cause');
  const samples: errors.AppError[] = [
    new errors.ValidationError([
      { path: 'body.dropStartsAt', message: 'must be later (such as 2030-01-01T00:00:00Z)' },
    ]),
    new errors.MalformedJsonError(),
    new errors.UnauthenticatedError(),
    new errors.InvalidTokenError('Your session is not valid or has expired: sign in again'),
    new errors.AccountGoneError(),
    new errors.TokenEndedError('disabled'),
    new errors.TokenEndedError('signed-out'),
    new closing.OwnAccountError(),
    new closing.LastAdminError(),
    new identity.WrongPasswordError(),
    new identity.InvalidCredentialsError(),
    new errors.ForbiddenError('Only an admin may do this'),
    new stock.NotYourReservationError(),
    new stock.DropNotFoundError(),
    new stock.ReservationNotFoundError(),
    new identity.UserNotFoundError(),
    new errors.RouteNotFoundError(),
    new errors.MethodNotAllowedError('POST', 'GET, HEAD'),
    new accounts.EmailTakenError(),
    new accounts.UsernameTakenError(),
    new stock.SoldOutError('sold_out'),
    new stock.DropStateError('pause', 'ended'),
    new stock.AlreadyReservedError({}),
    new stock.LimitReachedError(2),
    new stock.CoolDownError(new Date('2030-01-01T00:09:00.000Z'), new Date('2030-01-01T00:00:00.000Z')),
    new stock.DropNotStartedError('2030-01-01T00:00:00.000Z'),
    new stock.DropPausedError(),
    new stock.DropStateError('change', 'ended'),
    new stock.CurrencyInUseError('USD'),
    new stock.StockInUseError(0),
    new stock.StockInUseError(8),
    new stock.StockLimitError(0),
    new stock.StockLimitError(3),
    new stock.DropEndedError('ended'),
    new stock.DropEndedError('cancelled'),
    new stock.ReservationExpiredError(),
    new stock.ReservationSettledError('completed'),
    new stock.ReservationSettledError('released'),
    new errors.RequestTimeoutError(),
    new errors.HeadersTooLargeError(),
    new errors.PayloadTooLargeError(),
    new errors.UnsupportedMediaTypeError(),
    new errors.IdempotencyKeyReusedError(),
    new errors.RateLimitedError(1),
    new errors.RateLimitedError(5),
    new errors.InternalError(cause),
    new errors.UnavailableError(cause),
    new errors.OverloadedError(cause),
    new errors.OutcomeUnknownError(cause),
  ];

  it('has a sample in this test', () => {
    expect([...new Set(samples.map(({ code }) => code))].sort()).toEqual(Object.keys(PROBLEMS).sort());
  });

  it.each(samples.map((problem) => [problem.code, problem.detail]))('is a plain sentence: %s, %s', (_code, detail) => {
    expectPlain(detail);
  });
});

describe('the message of an HTTP response', () => {
  it('has no time: the start is in startsAt', async () => {
    const dropId = await app.createDrop({ drop_starts_at: '2100-01-31T18:00:00Z' });
    const { body } = await app.reserve(user, dropId);
    expect(body).toMatchObject({ code: 'drop-not-started', startsAt: '2100-01-31T18:00:00.000Z' });
    expectPlain(body.message);
  });

  it.each([
    [{}, 'Name is required. Price is required. Total stock is required'],
    [{ name: '', price: 1, totalStock: 0 }, 'Name must not be empty. Total stock must be at least 1'],
    [
      { name: 'a', price: 1, totalStock: 1, dropStartsAt: 'soon' },
      'The start must be a date and a time of day with a time zone',
    ],
    [{ name: 'a', price: 1, totalStock: 1, dropEndsAt: '2020-01-01T00:00Z' }, 'The end must be after the start'],
    [{ name: 'a', price: 1, totalStock: 1, stock: 1 }, 'Stock is not known; did you mean totalStock?'],
    [[], 'The request must be a JSON object'],
  ])('has field names in plain words: %j', async (body, message) => {
    const response = await as(admin, app.http.post('/api/drops')).send(body);
    expect(response.body).toMatchObject({ message, detail: message });
  });

  it('is short when many fields are wrong', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}`, 1]));
    const { body } = await as(admin, app.http.post('/api/drops')).send({ ...many, name: 'a', price: 1, totalStock: 1 });
    expect(body.message).toMatch(/^M0 is not known\. .*\. There are 15 more problems$/);
  });

  const value = fc.oneof(
    fc.constantFrom(
      '',
      '2026-12-01T10:00',
      '2026-12-01T10:00:00Z',
      'body.name',
      '\u202e',
      '\ud800',
      '\0',
      'x'.repeat(300),
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const name = fc.oneof(
    fc.constantFrom('name', 'price', 'totalStock', 'imageUrl', 'dropStartsAt', 'dropEndsAt', 'limitPerUser', 'email'),
    fc.constantFrom('startsAt', 'body.name', '2026-12-01T10:00:00Z', 'Content-Type', '__proto__', 'a{b}', '\ud800'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const target = fc.constantFrom(
    ...['POST /api/drops', 'POST /api/reservations', 'POST /api/purchases', 'POST /api/users/register'],
    ...['POST /api/users/login', 'GET /api/drops', 'GET /api/drops/id/movements', 'GET /api/nowhere', 'PUT /api/drops'],
    ...['DELETE /api/reservations/id', 'GET /api/users/%FF', 'GET /api/purchases/mine'],
  );

  it('is a plain sentence for any input', async () => {
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        target,
        fc.array(fc.tuple(name, value), { maxLength: 4 }),
        fc.boolean(),
        async (to, members, raw) => {
          const [method = '', path = ''] = to.split(' ');
          const query = raw
            ? `?${members.map(([key, one]) => `${encodeURIComponent(Buffer.from(key).toString())}=${encodeURIComponent(JSON.stringify(one))}`).join('&')}`
            : '';
          const response = await fetch(app.url + path + query, {
            method,
            headers: {
              Authorization: `Bearer ${admin.token}`,
              'Content-Type': 'application/json',
              ...(raw && { 'Idempotency-Key': 'a b' }),
            },
            ...(method !== 'GET' && { body: JSON.stringify(Object.fromEntries(members)) }),
          });
          const { code, message, detail } = (await response.json()) as Record<string, string>;
          if (response.ok) return;
          codes.add(code ?? '');
          expect(message).toBe(detail);
          expectPlain(message);
        },
      ),
      { numRuns: 300 },
    );
    expect([...codes]).toEqual(expect.arrayContaining(['validation-failed', 'route-not-found', 'method-not-allowed']));
  });
});

describe('the message of a refused connection or request over Socket.io', () => {
  it('is a plain sentence for an invalid token', async () => {
    await expect(listenTo(app, { token: 'rubbish' })).rejects.toMatchObject({
      message: 'Your session is not valid or has expired: sign in again',
    });
  });

  it('is a plain sentence in every acknowledgement', async () => {
    const { socket, close } = await listenTo(app);
    const calls: [string, unknown][] = [
      ['drops:subscribe', 5],
      ['drops:subscribe', { dropIds: ['x'] }],
      ['drops:subscribe', { dropId: UNKNOWN_ID }],
      ['drops:subscribe', { 'body.x\ud800': 1 }],
      ['drops:unsubscribe', { dropIds: ['\ud800'] }],
      ['nothing', {}],
    ];
    for (const [event, payload] of calls) {
      const acknowledgement = (await socket
        .timeout(90_000)
        .emitWithAck(event as 'drops:subscribe', payload)) as unknown;
      const { error } = acknowledgement as { error: { code: string; message: string } };
      expect(error.code).toMatch(/^(validation-failed|unknown-event)$/);
      expectPlain(error.message);
    }
    close();
  });
});
