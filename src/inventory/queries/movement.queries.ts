import { Prisma } from '../../generated/prisma/client.js';

/** What a row of the ledger says of its change, for a raw query in which the table `stock_movements` has the alias `m`. */
export const MOVEMENT_COLUMNS = Prisma.sql`
  m.version, m.cause,
  m.delta_reserved + m.delta_sold + m.expired_units + m.released_units AS reserved,
  m.delta_sold AS purchased, m.expired_units AS expired, m.released_units AS released,
  m.delta_available + m.delta_reserved + m.delta_sold AS added,
  m.available_stock AS "availableStock", m.reserved_stock AS "reservedStock", m.sold_stock AS "soldStock",
  m.available_stock + m.reserved_stock + m.sold_stock AS "totalStock",
  m.reason, m.changed, m.created_at AS "createdAt"`;
