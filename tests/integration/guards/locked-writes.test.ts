import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Transaction } from '../../../src/lib/db/database.js';
import { inTransaction } from '../../../src/lib/db/transaction.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';

// Every test app refuses writes without the drop lock, so that each test of a use case also checks its lock.
let app: TestApp;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  dropId = await app.createDrop();
});
afterAll(() => app.close());

const write = (lockedDropId?: string) =>
  inTransaction(app.context.db, async (tx) => {
    if (lockedDropId) await tx.$queryRaw`SELECT d.id FROM drops d WHERE d.id = ${lockedDropId}::uuid FOR UPDATE`;
    await tx.$executeRaw`UPDATE drops d SET total_stock = 11 WHERE d.id = ${dropId}::uuid`;
  });

it('a transaction that has locked the drop can write stock', async () => {
  await write(dropId);
  expect((await app.http.get(`/api/drops/${dropId}`)).body.data.totalStock).toBe(11);
});

it('a transaction without the lock cannot write stock, also after one that had it', async () => {
  await expect(write()).rejects.toThrow('Stock is written without the lock of its drop');
});

it('nor can a transaction that has locked another drop', async () => {
  await expect(write(await app.createDrop())).rejects.toThrow('Stock is written without the lock of its drop');
});

it.each<[string, (tx: Transaction) => PromiseLike<unknown>]>([
  ['drop.update', (tx) => tx.drop.update({ where: { id: dropId }, data: { totalStock: 12, availableStock: 12 } })],
  ['reservation.updateMany', (tx) => tx.reservation.updateMany({ where: { dropId }, data: { status: 'released' } })],
  ['reservation.deleteMany', (tx) => tx.reservation.deleteMany({ where: { dropId } })],
])("nor can it with Prisma's %s", async (_method, writeWithPrisma) => {
  await expect(inTransaction(app.context.db, async (tx) => void (await writeWithPrisma(tx)))).rejects.toThrow(
    'Stock is written without the lock of its drop',
  );
});
