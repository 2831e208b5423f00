import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../src/generated/prisma/client.js';

/** As many as the service's own pool has. */
export const CONNECTIONS = 20;

/**
 * Prisma as a project without a pool of its own sets it up. Nobody is refused a connection for having waited too long:
 * that is what the service's own pool does.
 *
 * @param connections of the pool; pg's default is 10.
 */
export function openPlainPrisma(databaseUrl: string, connections = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: connections }) });
}

/** The database of a measured process, which has no other setting than this. */
export function databaseUrlOfProcess(): string {
  const url = process.env.DATABASE_URL;
  if (url === undefined) throw new Error('DATABASE_URL is not set');
  return url;
}
