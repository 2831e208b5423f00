import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectInvalid, expectProblem, expectSuccess, hold, UNKNOWN_ID } from './support.js';

let app: TestApp;
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  [user, admin] = [await app.createUser(), await app.createUser('admin')];
});
afterAll(() => app.close());

const VALID_DROP = { name: 'Aurora', price: '175.00', totalStock: 100 };
const create = (body: object) => as(admin, app.http.post('/api/drops')).send(body);
const countOfDrops = async () => (await app.http.get('/api/drops')).body.meta.totalItems as number;

describe('an unknown member of a new drop', () => {
  it.each([
    ['startsAt', 'dropStartsAt'],
    ['endsAt', 'dropEndsAt'],
    ['startTime', 'dropStartsAt'],
    ['drop_starts_at', 'dropStartsAt'],
    ['DropStartsAt', 'dropStartsAt'],
    ['dropStartAt', 'dropStartsAt'],
    ['stock', 'totalStock'],
    ['quantity', 'totalStock'],
    ['image', 'imageUrl'],
    ['picture', 'imageUrl'],
    ['imgUrl', 'imageUrl'],
    ['title', 'name'],
    ['prcie', 'price'],
    ['maxPerUser', 'limitPerUser'],
  ])('%s is rejected with the suggestion %s, and nothing is created', async (member, suggestion) => {
    const before = await countOfDrops();
    const response = await create({ ...VALID_DROP, [member]: '2100-01-01T00:00:00Z' });
    expectInvalid(response, `body.${member}`);
    expect(response.body.errors[0].message).toMatch(`is not known; did you mean ${suggestion}? (known here: name, `);
    expect(response.body.message).toContain(`did you mean ${suggestion}?`);
    expect(await countOfDrops()).toBe(before);
  });

  it.each(['availableStock', 'id', 'role', 'xyz', '__proto__', 'constructor', '', 'x'.repeat(500)])(
    '%.20s is rejected',
    async (member) => {
      const response = await as(admin, app.http.post('/api/drops'))
        .set('Content-Type', 'application/json')
        .send(`{"name":"a","price":1,"totalStock":1,${JSON.stringify(member)}:1}`);
      expectInvalid(response, `body.${member.slice(0, 100)}`);
    },
  );

  it('is reported together with other errors', async () => {
    expectInvalid(await create({ ...VALID_DROP, name: '', startsAt: 1 }), 'body.name', 'body.startsAt');
    expectInvalid(await create({ name: 'a', price: 1, stock: 1 }), 'body.totalStock', 'body.stock');
  });

  it('is reported at most twenty times', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`m${index}`, 1]));
    const response = await create({ ...VALID_DROP, ...many });
    expect(expectProblem(response, 'validation-failed').errors).toHaveLength(20);
    expect(response.text.length).toBeLessThan(10_000);
  });
});

it('other requests ignore unknown members', async () => {
  const dropId = await app.createDrop();
  const extra = { role: 'admin', dropid: UNKNOWN_ID };
  const account = { username: 'extra', email: 'extra@example.com', password: '123456' };
  expectSuccess(await app.http.post('/api/users/register').send({ ...account, ...extra }), 201);
  expectSuccess(await app.http.post('/api/users/login').send({ ...account, ...extra }), 200);
  const reserved = await as(user, app.http.post('/api/reservations')).send({ dropId, ...extra });
  const reservationId = expectSuccess(reserved, 201).data.reservation.id as string;
  expectSuccess(await as(user, app.http.post('/api/purchases')).send({ reservationId, ...extra }), 201);
});

describe('an unknown query parameter', () => {
  it.each([
    ['search=aurora', 'query.search', 'q'],
    ['query=aurora', 'query.query', 'q'],
    ['Q=aurora', 'query.Q', 'q'],
    ['limit=5', 'query.limit', 'pageSize'],
    ['size=5', 'query.size', 'pageSize'],
    ['per_page=5', 'query.per_page', 'pageSize'],
    ['pagesize=5', 'query.pagesize', 'pageSize'],
    ['pge=2', 'query.pge', 'page'],
    ['page[]=2', 'query.page[]', 'page'],
    ['page%5Bnumber%5D=2', 'query.page[number]', 'page'],
    ['state=live', 'query.state', 'status'],
    ['statuses=live', 'query.statuses', 'status'],
  ])('?%s is rejected with a suggestion', async (query, path, suggestion) => {
    const response = await app.http.get(`/api/drops?${query}`);
    expectInvalid(response, path);
    expect(response.body.errors[0].message).toBe(
      `is not known; did you mean ${suggestion}? (known here: page, pageSize, status, q, sort)`,
    );
  });

  it.each(['_=1700000000', 'utm_source=x', '__proto__=1', '=1', '%F0%9F%99%82=1', 'a=1&a=2'])(
    '?%s is rejected without a suggestion',
    async (query) => {
      const response = await app.http.get(`/api/drops?${query}`);
      expectProblem(response, 'validation-failed');
      expect(response.body.errors).toMatchObject([
        { message: 'is not known (known here: page, pageSize, status, q, sort)' },
      ]);
    },
  );

  it('is rejected by every API route, also by those without query parameters', async () => {
    const { paths } = (await app.http.get('/openapi.json')).body as { paths: Record<string, Record<string, object>> };
    const dropId = await app.createDrop();
    const { id } = await hold(app, user, dropId);
    const refused: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const url = `${app.url}${path.replace('{id}', path.includes('reservations') ? id : dropId)}?nonsense=1`;
        const body = JSON.stringify({
          ...VALID_DROP,
          dropId,
          reservationId: id,
          username: 'abc',
          email: 'a@b.cd',
          password: '123456',
        });
        const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${admin.token}` };
        const response = await fetch(url, {
          method: method.toUpperCase(),
          headers,
          ...(method === 'post' && { body }),
        });
        const { errors = [] } = (await response.json()) as { errors?: { path: string }[] };
        if (errors.some((error) => error.path === 'query.nonsense')) refused.push(path);
        // Health checks accept any query, so that a healthy service never fails them.
        else expect([path, response.status]).toEqual([expect.stringMatching(/^\/(api\/health|livez|readyz)$/), 200]);
      }
    }
    expect(refused.length).toBeGreaterThan(10);
    expect(await app.http.get('/api/reservations').auth(user.token, { type: 'bearer' })).toMatchObject({
      body: { data: [{ id, status: 'active' }] },
    });
  });

  it('is reported after a missing token: 401 before 400', async () => {
    expectProblem(await app.http.get('/api/users/me?x=1'), 'unauthenticated');
  });

  it('is accepted by Socket.io', async () => {
    const response = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling&t=abc&anything=1`);
    expect(response.status).toBe(200);
    await response.text();
  });
});

describe('a repeated query parameter', () => {
  it.each(['page=1&page=2', 'page=1&page=1', 'pageSize=1&pageSize=2', 'status=live&status=ended', 'q=a&q=b'])(
    'is rejected: ?%s',
    async (query) => {
      const response = await app.http.get(`/api/drops?${query}`);
      expectInvalid(response, `query.${query.split('=', 1)[0] ?? ''}`);
      expect(response.body.errors[0].message).toBe('must be given only once');
    },
  );
});
