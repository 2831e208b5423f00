import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { refusalOf } from '../schema/rows.js';
import { as, dataOf, editDrop, expectSuccess, hold } from './support.js';

let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  [user, dropId] = await Promise.all([app.createUser(), app.createDrop({ price: '175.00' })]);
});
afterAll(() => app.close());

it('a hold keeps the price that the drop had when it was made, and its purchase takes it', async () => {
  const held = await hold(app, user, dropId, 'once');
  expect(held).toMatchObject({ price: '175.00' });
  await editDrop(app, dropId, 'price = 180.5');
  expect(await hold(app, user, dropId, 'once')).toMatchObject({ id: held.id, price: '175.00' });
  expect(dataOf(await as(user, app.http.get('/api/reservations')))).toMatchObject([{ price: '175.00' }]);
  const { data } = expectSuccess(await app.purchase(user, held.id), 201);
  expect(data).toMatchObject({ price: '175.00' });
  expect(await hold(app, user, dropId)).toMatchObject({ price: '180.50' });
});

it('two holds of different prices are purchased at theirs', async () => {
  const other = await app.createUser();
  const first = await hold(app, user, dropId);
  await editDrop(app, dropId, 'price = 0');
  const second = await hold(app, other, dropId);
  const bought = await Promise.all([app.purchase(user, first.id), app.purchase(other, second.id)]);
  expect(bought.map(({ body }) => body.data.price as string)).toEqual(['175.00', '0.00']);
});

it('a reservation that is inserted without a price has that of its drop', async () => {
  const { rows } = await app.database.query<{ price: string }>(
    'INSERT INTO reservations (user_id, drop_id) VALUES ($1, $2) RETURNING price',
    [user.id, dropId],
  );
  expect(rows).toEqual([{ price: '175.00' }]);
});

it.each([
  ['price = 1', 'reservations_price_stays'],
  ['price = NULL', 'reservations_price_stays'],
])('a session of SQL cannot set %s', async (columns, constraint) => {
  const { id } = await hold(app, user, dropId);
  const sql = `UPDATE reservations SET ${columns} WHERE id = $1`;
  expect(await refusalOf(app.database.query(sql, [id]))).toEqual({ code: '23514', constraint });
});

it.each([['-1'], ['NaN']])('a session of SQL cannot insert a hold at the price %s', async (price) => {
  const sql = 'INSERT INTO reservations (user_id, drop_id, price) VALUES ($1, $2, $3)';
  const constraint = 'reservations_price_not_negative';
  expect(await refusalOf(app.database.query(sql, [user.id, dropId, price]))).toEqual({ code: '23514', constraint });
});
