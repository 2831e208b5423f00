import { z } from 'zod';
import { isAfter, toIso } from '../time.js';

const MIN_TIME = '1970-01-01T00:00:00.000Z';
const MAX_TIME = '9999-12-31T23:59:59.999Z';

/** RFC 3339, and forms of ISO 8601: no seconds, a comma before the fraction, offsets as `+02` and `+0200`. */
const FORM = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|([+-]\d\d)(?::?(\d\d))?)$/i;
const MAX_FRACTION_DIGITS = 3;

/**
 * A time in a request, with Z or an offset, converted to UTC because PostgreSQL accepts no offset beyond 16 hours. Within the
 * bounds, JavaScript and PostgreSQL have the same calendar.
 */
export const time = z
  .string()
  .transform(canonical)
  .pipe(
    z.iso.datetime({
      offset: true,
      error:
        'must be a date and a time of day with a time zone (ISO 8601, such as 2030-01-31T18:00Z or 2030-01-31T18:00:00+01:00)',
    }),
  )
  .refine(
    (value) => !isAfter(MIN_TIME, value) && !isAfter(value, MAX_TIME),
    'must lie in the years 1970 to 9999, in UTC',
  )
  .transform(toIso)
  .meta({ format: 'date-time', example: '2030-01-31T18:00:00Z' });

/** Converts a time to the form that Zod accepts; text in none of the known forms stays unchanged. */
function canonical(text: string): string {
  const [matched, date, minutes, seconds = '00', fraction = '0', zone, offsetHours, offsetMinutes = '00'] =
    FORM.exec(text) ?? [];
  if (matched === undefined) return text;
  const offset = offsetHours === undefined ? zone?.toUpperCase() : `${offsetHours}:${offsetMinutes}`;
  return `${date}T${minutes}:${seconds}.${fraction.slice(0, MAX_FRACTION_DIGITS)}${offset}`;
}
