import { z } from 'zod';
import { fieldNames } from './field-names.js';
import { maxCharacters, normalizedText } from './text.js';

/** Any UUID that PostgreSQL's uuid type accepts, converted to lower case, as PostgreSQL returns it. */
export const uuid = z.guid('must be a UUID').toLowerCase();

/** A time in a response: ISO 8601, UTC. */
export const isoTime = z.iso.datetime();

/** Money in a response: a decimal string with two digits after the point. */
export const money = z.string().regex(/^\d+\.\d{2}$/);

/** The currency of money in a response. */
export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'The currency: a code of ISO 4217.', example: 'USD' });

/** A positive number in a query; the OpenAPI document shows it as an integer. */
export function queryNumber(max: number, fallback: number, description: string) {
  return wholeNumber(1, max)
    .prefault(String(fallback))
    .meta({ description, type: 'integer', minimum: 1, maximum: max, default: fallback });
}

/** As {@link queryNumber}, without a default. */
export function optionalQueryNumber(min: number, max: number, description: string) {
  return wholeNumber(min, max).optional().meta({ description, type: 'integer', minimum: min, maximum: max });
}

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .pipe(z.int().min(min, message).max(max, message));
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

/** The text of a search in a query. @param description without what holds for every search, and without a full stop. */
export function searchText(maxLength: number, description: string) {
  return maxCharacters(normalizedText.trim().min(1), maxLength)
    .optional()
    .meta({ description: `${description}; upper and lower case are the same, and no character is special.` })
    .register(fieldNames, {
      label: 'The search text',
      mistakenFor: ['search', 'query', 'name', 'term', 'keyword', 'filter'],
    });
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
