import { setTimeout as sleep } from 'node:timers/promises';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { AccountGoneError, OverloadedError } from '../../lib/errors/index.js';
import type { LimitRead } from '../../lib/http/read-limit.js';
import { StreamedData } from '../../lib/http/streamed-data.js';
import { toIso, toIsoOrNull } from '../../lib/time.js';
import { toProfileResponse } from '../auth/auth.schema.js';
import { toPurchaseResponse } from '../purchases/purchases.schema.js';
import { toReservationResponse } from '../reservations/reservations.schema.js';
import {
  EXPORT_CHUNK_SIZE,
  findActiveToExport,
  findCompletedToExport,
  findDisabledToExport,
  findDropsToExport,
  findEnabledToExport,
  findEndedTokensToExport,
  findExportStart,
  findPurchasesToExport,
  findUnpaidToExport,
  type ReservationToExport,
} from './export.queries.js';
import type { ExportResponse } from './export.schema.js';

/** Reads that a chunk may be refused by the limit of all reads before the export fails. */
const MAX_REFUSALS = 20;
const RETRY_DELAY_MS = 1_000;

interface Reader {
  readonly limitRead: LimitRead;
  readonly signal: CancellationSignal;
}

type FindChunk<Row> = (db: Database, userId: string, after?: Row) => Promise<Row[]>;

export type ExportService = ReturnType<typeof createExportService>;

/** Creates the use case that exports everything that is kept of a person. */
export function createExportService({ db }: { readonly db: Database }) {
  /**
   * Reads a list chunk by chunk, each within the limit of reads. Between two chunks it occupies neither a connection
   * nor a transaction.
   */
  async function* chunksOf<Row, Item>(
    userId: string,
    { limitRead, signal }: Reader,
    find: FindChunk<Row>,
    toItem: (row: Row) => Item,
  ): AsyncGenerator<Item[]> {
    let last: Row | undefined;
    let refusals = 0;
    for (;;) {
      let rows: Row[];
      try {
        rows = await limitRead(() => find(db, userId, last));
      } catch (error) {
        refusals += 1;
        if (!(error instanceof OverloadedError) || refusals > MAX_REFUSALS || signal.aborted) throw error;
        await sleep(RETRY_DELAY_MS);
        continue;
      }
      refusals = 0;
      yield rows.map(toItem);
      if (rows.length < EXPORT_CHUNK_SIZE) return;
      last = rows.at(-1);
    }
  }

  /**
   * All reservations. Active ones are read first, so that one that ends during the export is not missed. It is then read again
   * among the ended ones, and left out there.
   */
  async function* reservationsOf(userId: string, reader: Reader) {
    const active = new Set<string>();
    for await (const chunk of chunksOf(userId, reader, findActiveToExport, toReservation)) {
      for (const { id } of chunk) active.add(id);
      yield chunk;
    }
    for (const find of [findUnpaidToExport, findCompletedToExport] as readonly FindChunk<ReservationToExport>[]) {
      for await (const chunk of chunksOf(userId, reader, find, toReservation)) {
        yield chunk.filter(({ id }) => !active.has(id));
      }
    }
  }

  return {
    /**
     * Everything that is kept of a person, except the hash of the password. The lists are read while they are sent. Each has all
     * rows that existed when the export began; rows that were written since may be left out.
     *
     * @throws {AccountGoneError}
     */
    async exportAccount(userId: string, reader: Reader): Promise<StreamedData<ExportResponse>> {
      const user = await db.user.findUnique({ where: { id: userId }, omit: { passwordHash: true } });
      if (!user) throw new AccountGoneError();
      const { exportedAt, transactionId } = await findExportStart(db, userId);
      return new StreamedData<ExportResponse>({
        exportedAt: toIso(exportedAt),
        profile: { ...toProfileResponse(user), updatedAt: toIso(user.updatedAt), tokenVersion: user.tokenVersion },
        lastChange: transactionId === null ? null : { transactionId },
        reservations: reservationsOf(userId, reader),
        purchases: chunksOf(userId, reader, findPurchasesToExport, ({ idempotencyKey, dropName, ...purchase }) => ({
          ...toPurchaseResponse(purchase),
          idempotencyKey,
          dropName,
        })),
        createdDrops: chunksOf(userId, reader, findDropsToExport, ({ createdAt, ...drop }) => ({
          ...drop,
          createdAt: toIso(createdAt),
        })),
        disabledAccounts: chunksOf(userId, reader, findDisabledToExport, ({ id, disabledAt }) => ({
          id,
          disabledAt: toIso(disabledAt),
        })),
        enabledAccounts: chunksOf(userId, reader, findEnabledToExport, ({ id, enabledAt }) => ({
          id,
          enabledAt: toIso(enabledAt),
        })),
        endedTokens: chunksOf(userId, reader, findEndedTokensToExport, ({ id, expiresAt }) => ({
          id,
          expiresAt: toIso(expiresAt),
        })),
      });
    },
  };
}

function toReservation(row: ReservationToExport): ExportResponse['reservations'][number] {
  const { settledAt, idempotencyKey, dropName } = row;
  return { ...toReservationResponse(row), settledAt: toIsoOrNull(settledAt), idempotencyKey, dropName };
}
