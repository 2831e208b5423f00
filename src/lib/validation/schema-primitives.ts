import { z } from 'zod';
import { fieldNames } from './field-names.js';

/** Kinds of fields that several schemas share. */

/** Any UUID that PostgreSQL's uuid type can hold, given on in lower case as PostgreSQL writes it. */
export const uuid = z.guid('must be a UUID').toLowerCase();

/** A time in an answer: ISO 8601, UTC. */
export const isoTime = z.iso.datetime();

/** Money in an answer: a decimal string with two digits after the point. */
export const money = z.string().regex(/^\d+\.\d{2}$/);

/** A positive number written in a query; the document shows it as the number that it is. */
export function queryNumber(max: number, fallback: number, description: string) {
  const message = `must be a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .pipe(z.int().min(1, message).max(max, message))
    .prefault(String(fallback))
    .meta({ description, type: 'integer', minimum: 1, maximum: max, default: fallback });
}

const MAX_PAGE = 1_000_000;
const MAX_PAGE_SIZE = 100;

/** The query of a list that comes in pages. */
export function pageQuery(defaultPageSize: number) {
  return {
    page: queryNumber(MAX_PAGE, 1, 'Which page, from 1.').register(fieldNames, { mistakenFor: ['offset', 'skip'] }),
    pageSize: queryNumber(MAX_PAGE_SIZE, defaultPageSize, `Items on a page, at most ${MAX_PAGE_SIZE}.`).register(
      fieldNames,
      { mistakenFor: ['limit', 'perPage', 'count', 'take'] },
    ),
  };
}

/** The `meta` of a list that comes in pages. */
export const PageMeta = z
  .object({
    totalItems: z.int().min(0).meta({ description: 'Items on all pages.' }),
    totalPages: z.int().min(0).meta({ description: 'Pages there are.' }),
    currentPage: z.int().min(1).meta({ description: 'The page in this answer.' }),
    pageSize: z.int().min(1).meta({ description: 'Items on a full page.' }),
  })
  .meta({ id: 'PageMeta', description: 'Where in the list this page stands.' });

/** Builds {@link PageMeta}. */
export function pageMeta(totalItems: number, { page, pageSize }: { page: number; pageSize: number }) {
  return { totalItems, totalPages: Math.ceil(totalItems / pageSize), currentPage: page, pageSize };
}
