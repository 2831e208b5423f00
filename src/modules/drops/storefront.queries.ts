import { Prisma } from '../../generated/prisma/client.js';
import { DETAILED_DROP_COLUMNS } from '../../inventory/drop-row.js';
import type { Database } from '../../lib/db/database.js';
import { TOP_PURCHASERS, type DropWithPurchasers } from './drops.queries.js';
import type { ListDropsQuery } from './drops.schema.js';

/** The statuses of the storefront. Cancelled drops are not in it. */
type ShownStatus = Exclude<NonNullable<ListDropsQuery['status']>, 'cancelled'>;

type Group = (matches: Prisma.Sql) => Prisma.Sql;

// One statement for each group of drops, in its order. Each has the condition and the order of one index (docs/adr/0052). `clock` is
// the time of the list: one for all groups, so that each drop is in one of them.

const liveWithEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NOT NULL
    AND NOT d.is_sold_out AND timezone('UTC', d.drop_ends_at) > (SELECT utc FROM clock)
    AND d.drop_starts_at <= (SELECT now FROM clock) AND d.available_stock > 0 AND ${matches}
  ORDER BY timezone('UTC', d.drop_ends_at), d.id`;

const liveWithoutEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NULL
    AND NOT d.is_sold_out AND timezone('UTC', d.drop_starts_at) <= (SELECT utc FROM clock)
    AND d.available_stock > 0 AND ${matches}
  ORDER BY timezone('UTC', d.drop_starts_at) DESC, d.id DESC`;

const scheduled: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.drop_starts_at > (SELECT now FROM clock)
    AND d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND ${matches}
  ORDER BY d.drop_starts_at, d.id`;

const allHeldWithEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NOT NULL
    AND NOT d.is_sold_out AND timezone('UTC', d.drop_ends_at) > (SELECT utc FROM clock)
    AND d.drop_starts_at <= (SELECT now FROM clock) AND d.available_stock = 0 AND ${matches}
  ORDER BY timezone('UTC', d.drop_ends_at), d.id`;

const allHeldWithoutEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NULL
    AND NOT d.is_sold_out AND timezone('UTC', d.drop_starts_at) <= (SELECT utc FROM clock)
    AND d.available_stock = 0 AND ${matches}
  ORDER BY timezone('UTC', d.drop_starts_at) DESC, d.id DESC`;

const paused: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NOT NULL
    AND (d.drop_ends_at > (SELECT now FROM clock)) IS NOT FALSE AND ${matches}
  ORDER BY timezone('UTC', d.paused_at) DESC, d.id DESC`;

const soldOutWithEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NOT NULL
    AND d.is_sold_out AND timezone('UTC', d.drop_ends_at) > (SELECT utc FROM clock)
    AND d.drop_starts_at <= (SELECT now FROM clock) AND ${matches}
  ORDER BY timezone('UTC', d.drop_ends_at), d.id`;

const soldOutWithoutEnd: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND d.paused_at IS NULL AND d.drop_ends_at IS NULL
    AND d.is_sold_out AND timezone('UTC', d.drop_starts_at) <= (SELECT utc FROM clock) AND ${matches}
  ORDER BY timezone('UTC', d.drop_starts_at) DESC, d.id DESC`;

const ended: Group = (matches) => Prisma.sql`
  SELECT d.id FROM drops d
  WHERE d.drop_ends_at <= (SELECT now FROM clock) AND d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND ${matches}
  ORDER BY d.drop_ends_at DESC, d.id DESC`;

/** The groups of each status. */
const GROUPS: Readonly<Record<ShownStatus, readonly Group[]>> = {
  live: [liveWithEnd, liveWithoutEnd],
  scheduled: [scheduled],
  sold_out: [allHeldWithEnd, allHeldWithoutEnd, soldOutWithEnd, soldOutWithoutEnd],
  paused: [paused],
  ended: [ended],
};

/** The order of the storefront. */
const ALL_GROUPS: readonly Group[] = [
  ...GROUPS.live,
  scheduled,
  allHeldWithEnd,
  allHeldWithoutEnd,
  paused,
  soldOutWithEnd,
  soldOutWithoutEnd,
  ended,
];

/**
 * Until the end of the transaction, PostgreSQL reads an index in its order wherever there is one. Otherwise it would read the whole
 * table and sort it, as long as its statistics say that a group has few drops, or it has no statistics.
 */
const READ_INDEXES_IN_ORDER = Prisma.sql`set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_sort', 'off', true)`;

interface StorefrontQuery {
  readonly page: number;
  readonly pageSize: number;
  readonly status?: ShownStatus | undefined;
  readonly q?: string | undefined;
}

/**
 * One page of the storefront, and how many drops match in all. A group is read only if those before it do not fill the page, and no
 * further than to its end: LIMIT 0 reads nothing. The inner LIMIT is a number, with which PostgreSQL plans to read the first rows
 * of an index.
 */
export async function findStorefrontPage(db: Database, { page, pageSize, status, q }: StorefrontQuery) {
  const matches = q === undefined ? Prisma.sql`true` : Prisma.sql`strpos(search_key(d.name), search_key(${q})) > 0`;
  const offset = (page - 1) * pageSize;
  const upTo = offset + pageSize;
  const groups = (status === undefined ? ALL_GROUPS : GROUPS[status]).map((group, index) => ({
    name: Prisma.raw(`group_${index}`),
    ids: Prisma.sql`SELECT id FROM (${group(matches)} LIMIT ${upTo}::int) first`,
  }));
  const read = groups.map(({ name, ids }, index) => {
    const before = groups.slice(0, index).map((earlier) => Prisma.sql`- (SELECT count(*) FROM ${earlier.name})`);
    return Prisma.sql`${name} AS MATERIALIZED (
      SELECT row_number() OVER () AS place, id
      FROM (${ids} LIMIT (SELECT greatest(0, ${upTo}::bigint ${Prisma.join([Prisma.empty, ...before], ' ')}))) found)`;
  });
  const listed = groups.map(({ name }, index) => Prisma.sql`SELECT ${index}::int AS part, place, id FROM ${name}`);
  const drops = await db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT ${READ_INDEXES_IN_ORDER}`;
    return tx.$queryRaw<DropWithPurchasers[]>`
      WITH clock AS MATERIALIZED (SELECT now, timezone('UTC', now) AS utc FROM (SELECT clock_timestamp() AS now) at),
           ${Prisma.join(read, ', ')}
      SELECT ${DETAILED_DROP_COLUMNS}, coalesce(purchasers.list, '[]') AS "topPurchasers"
      FROM (SELECT part, place, id FROM (${Prisma.join(listed, ' UNION ALL ')}) listed
            ORDER BY part, place
            LIMIT ${pageSize}::int OFFSET ${offset}::int) page
      CROSS JOIN LATERAL (SELECT * FROM drops WHERE id = page.id OFFSET 0) d
      ${TOP_PURCHASERS}
      ORDER BY page.part, page.place`;
  });
  // The last page shows how many there are.
  const isLast = drops.length < pageSize && (drops.length > 0 || page === 1);
  if (isLast) return { drops, totalItems: offset + drops.length };
  const hasStatus = status === undefined ? Prisma.sql`true` : Prisma.sql`drop_status(d) = ${status}`;
  const [{ totalItems }] = await db.$queryRaw<[{ totalItems: number }]>`
    SELECT count(*)::int AS "totalItems" FROM drops d
    WHERE d.published_at IS NOT NULL AND d.cancelled_at IS NULL AND ${hasStatus} AND ${matches}`;
  return { drops, totalItems };
}
