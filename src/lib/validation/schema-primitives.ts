import { z } from 'zod';
import { fieldNames } from './field-names.js';

/** Any UUID that PostgreSQL's uuid type accepts, converted to lower case, as PostgreSQL returns it. */
export const uuid = z.guid('must be a UUID').toLowerCase();

/** A time in a response: ISO 8601, UTC. */
export const isoTime = z.iso.datetime();

/** Money in a response: a decimal string with two digits after the point. */
export const money = z.string().regex(/^\d+\.\d{2}$/);

/** A positive number in a query; the OpenAPI document shows it as an integer. */
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

export function pageQuery(defaultPageSize: number) {
  return {
    page: queryNumber(MAX_PAGE, 1, 'The page, from 1.').register(fieldNames, { mistakenFor: ['offset', 'skip'] }),
    pageSize: queryNumber(MAX_PAGE_SIZE, defaultPageSize, `Items per page, at most ${MAX_PAGE_SIZE}.`).register(
      fieldNames,
      { mistakenFor: ['limit', 'perPage', 'count', 'take'] },
    ),
  };
}

export const PageMeta = z
  .object({
    totalItems: z.int().min(0).meta({ description: 'Items on all pages.' }),
    totalPages: z.int().min(0).meta({ description: 'The number of pages.' }),
    currentPage: z.int().min(1).meta({ description: 'The page in this response.' }),
    pageSize: z.int().min(1).meta({ description: 'Items per page.' }),
  })
  .meta({ id: 'PageMeta', description: 'The position of this page in the list.' });

export function pageMeta(totalItems: number, { page, pageSize }: { page: number; pageSize: number }) {
  return { totalItems, totalPages: Math.ceil(totalItems / pageSize), currentPage: page, pageSize };
}
