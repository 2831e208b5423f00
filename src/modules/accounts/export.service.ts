import type { Database } from '../../lib/db/database.js';
import { AccountGoneError } from '../../lib/errors/index.js';
import { readChunks, type ChunkReader } from '../../lib/http/read-chunks.js';
import { StreamedData } from '../../lib/http/streamed-data.js';
import { toIso, toIsoOrNull } from '../../lib/time.js';
import { toProfileResponse } from '../auth/auth.schema.js';
import { toPurchaseResponse } from '../purchases/purchases.schema.js';
import { toReservationResponse } from '../reservations/reservations.schema.js';
import {
  findActiveToExport,
  findCompletedToExport,
  findDisabledToExport,
  findDropsToExport,
  findEnabledToExport,
  findEndedTokensToExport,
  findExportStart,
  findMovementsToExport,
  findPurchasesToExport,
  findUnpaidToExport,
  type ReservationToExport,
} from './export.queries.js';
import type { ExportResponse } from './export.schema.js';

type FindChunk<Row> = (db: Database, userId: string, after?: Row) => Promise<Row[]>;

export type ExportService = ReturnType<typeof createExportService>;

/** Creates the use case that exports everything that is kept of a person. */
export function createExportService({ db }: { readonly db: Database }) {
  /** The items of a list of the person, read chunk by chunk. */
  async function* chunksOf<Row, Item>(
    userId: string,
    reader: ChunkReader,
    find: FindChunk<Row>,
    toItem: (row: Row) => Item,
  ): AsyncGenerator<Item[]> {
    for await (const rows of readChunks(reader, (last?: Row) => find(db, userId, last))) yield rows.map(toItem);
  }

  /**
   * All reservations. Active ones are read first, so that one that ends during the export is not missed. It is then read again
   * among the ended ones, and left out there.
   */
  async function* reservationsOf(userId: string, reader: ChunkReader) {
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
    async exportAccount(userId: string, reader: ChunkReader): Promise<StreamedData<ExportResponse>> {
      const user = await db.user.findUnique({ where: { id: userId }, omit: { passwordHash: true } });
      if (!user) throw new AccountGoneError();
      const { exportedAt, transactionId } = await findExportStart(db, userId);
      return new StreamedData<ExportResponse>({
        exportedAt: toIso(exportedAt),
        profile: { ...toProfileResponse(user), updatedAt: toIso(user.updatedAt), tokenVersion: user.tokenVersion },
        lastChange: transactionId === null ? null : { transactionId },
        reservations: reservationsOf(userId, reader),
        purchases: chunksOf(
          userId,
          reader,
          findPurchasesToExport,
          ({ idempotencyKey, dropName, currency, ...purchase }) => ({
            ...toPurchaseResponse(purchase),
            currency,
            idempotencyKey,
            dropName,
          }),
        ),
        createdDrops: chunksOf(userId, reader, findDropsToExport, ({ createdAt, ...drop }) => ({
          ...drop,
          createdAt: toIso(createdAt),
        })),
        dropChanges: chunksOf(userId, reader, findMovementsToExport, ({ createdAt, ...change }) => ({
          ...change,
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
  const { settledAt, currency, idempotencyKey, dropName } = row;
  return { ...toReservationResponse(row), settledAt: toIsoOrNull(settledAt), currency, idempotencyKey, dropName };
}
