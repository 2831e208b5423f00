import type { components } from '../api/contract.js';
import { ApiError } from '../api/problem.js';

export type CreateDropBody = components['schemas']['CreateDropBody'];

/** The fields of the form, by the names that the API gives them. */
export type FieldName = keyof CreateDropBody;

/**
 * What to ask the API for. It judges itself, and says so at each field: here nothing is refused, and what is no number
 * stays none. Times of the form are by this machine's clock and calendar.
 */
export function bodyOf(values: Readonly<Record<FieldName, string>>): CreateDropBody {
  const { name, price, totalStock, imageUrl, dropStartsAt, dropEndsAt, limitPerUser } = values;
  return {
    name,
    price: price.trim(),
    totalStock: Number(totalStock),
    ...(imageUrl.trim() && { imageUrl: imageUrl.trim() }),
    ...(dropStartsAt && { dropStartsAt: toIso(dropStartsAt) }),
    ...(dropEndsAt && { dropEndsAt: toIso(dropEndsAt) }),
    ...(limitPerUser.trim() && { limitPerUser: Number(limitPerUser) }),
  };
}

function toIso(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}

/** What the API said of single fields, by their names. */
export function errorsByField(error: Error | null): Partial<Record<FieldName, string>> {
  if (!(error instanceof ApiError)) return {};
  const errors = error.problem.errors ?? [];
  return Object.fromEntries(errors.map(({ path, message }) => [path.replace(/^body\./, ''), `It ${message}`]));
}
