import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import { expect } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../../../src/modules/problems.js';
import type { TestApp, TestUser } from '../../helpers/app.js';
import { DROP_MEMBERS } from '../../helpers/drop.js';

/** An id that no row has. */
export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

/** The members that the API promises for each response. */
export const MEMBERS = {
  drop: DROP_MEMBERS,
  reservation: ['id', 'userId', 'dropId', 'status', 'price', 'expiresAt', 'createdAt', 'updatedAt'],
  hold: ['reservation', 'availableStock', 'serverTime'],
  purchase: ['id', 'userId', 'dropId', 'reservationId', 'price', 'createdAt', 'updatedAt'],
  user: ['id', 'username', 'email', 'role'],
  accountState: ['createdAt', 'disabledAt', 'disabledReason', 'enabledAt', 'enabledReason'],
  meta: ['totalItems', 'totalPages', 'currentPage', 'pageSize'],
} as const;

export const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Expects an object to have exactly these members. */
export function expectMembers(object: object, members: readonly string[]): void {
  expect(Object.keys(object).sort()).toEqual([...members].sort());
}

/** Expects a complete and consistent problem with this code; returns its members. */
export function expectProblem(response: Response, code: ProblemCode) {
  expect(response.body).toMatchObject({ code });
  expect(response.status).toBe(PROBLEMS[code].status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.body).toMatchObject({ status: response.status, requestId: response.headers['x-request-id'] });
  expect(response.body.message).toBe(response.body.detail);
  return response.body as Record<string, unknown> & { detail: string; errors?: { path: string; message: string }[] };
}

/** Expects 400 for exactly these fields. */
export function expectInvalid(response: Response, ...paths: string[]): void {
  const { errors } = expectProblem(response, 'validation-failed');
  expect(errors?.map(({ path }) => path)).toEqual(paths);
}

/** Expects a success envelope with this status; returns its content. */
export function expectSuccess(response: Response, status: 200 | 201) {
  expect(response.body).toMatchObject({ status: 'success' });
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  expect(response.body.message).toEqual(expect.stringMatching(/\w/));
  return response.body;
}

/** Expects 200 and a success envelope; returns its `data`. */
export function dataOf<Data>(response: Response): Data {
  return (expectSuccess(response, 200) as { data: Data }).data;
}

/** Adds the token of a user to a request. */
export function as(user: Pick<TestUser, 'token'>, request: ReturnType<TestApp['http']['get']>) {
  return request.auth(user.token, { type: 'bearer' });
}

/** Reserves, and returns the reservation. */
export async function hold(app: TestApp, user: TestUser, dropId: string, key?: string) {
  const { data } = expectSuccess(await app.reserve(user, dropId, key), 201);
  return data.reservation as { id: string; dropId: string; status: string; expiresAt: string };
}

/** Reserves and purchases, and returns the purchase. */
export async function buy(app: TestApp, user: TestUser, dropId: string) {
  const { id } = await hold(app, user, dropId);
  const { data } = expectSuccess(await app.purchase(user, id), 201);
  return data as { id: string; dropId: string; reservationId: string; price: string; createdAt: string };
}

/** Changes columns of a drop by SQL, as an admin would in Prisma Studio. */
export async function editDrop(app: TestApp, dropId: string, assignments: string): Promise<void> {
  await app.database.query(`UPDATE drops SET ${assignments} WHERE id = $1`, [dropId]);
  app.context.dropLists.clear();
}

/** Waits until the next row gets a later time; times are kept to the millisecond. */
export const nextMillisecond = () => sleep(2);
