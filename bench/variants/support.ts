import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../src/generated/prisma/client.js';
import type { HoldResponse } from '../../src/modules/reservations/reservations.schema.js';
import type { loadUser } from '../harness/load-users.js';

/** The part of a reservation service that is measured. */
export interface ReservationService {
  reserve(request: {
    readonly user: ReturnType<typeof loadUser>;
    readonly dropId: string;
  }): Promise<HoldResponse & { readonly replayed: boolean }>;
  close(): Promise<void>;
}

/** Length of the holds that the variants create: the service's default. */
export const HOLD_TTL_MS = 60_000;

/** The size of the service's own pool. */
export const CONNECTIONS = 20;

/**
 * Prisma with the default pool, which never rejects a request for waiting too long.
 *
 * @param connections size of the pool; the default is pg's.
 */
export function openPlainPrisma(databaseUrl: string, connections = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: connections }) });
}

/** The database of this process, for variants that replace a module and get no connection string. */
export function databaseUrlOfProcess(): string {
  const url = process.env.DATABASE_URL;
  if (url === undefined) throw new Error('DATABASE_URL is not set');
  return url;
}
