import dayjs from 'dayjs';
import duration, { type DurationUnitType } from 'dayjs/plugin/duration.js';
import { z } from 'zod';
import { hasCredentials } from '../validation/web-url.js';

dayjs.extend(duration);

/** `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`. */
export const booleanFlag = z.stringbool({ error: 'must be true or false' });

export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `must be one of: ${words.join(', ')}` });
}

/** Digits only: `Number` would also accept "", "0x10" and "1e3". */
export function wholeNumber(min: number, max: number, message: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

const MAX_REQUESTS = 1_000_000;
const MAX_WINDOW_SECONDS = 86_400;
const RATE_MESSAGE = `must be requests/seconds, such as 100/10: 1 to ${MAX_REQUESTS} requests in 1 to ${MAX_WINDOW_SECONDS} seconds`;

/** `100/10`: at most 100 requests in 10 seconds. */
export const requestRate = z
  .string()
  .regex(/^[1-9]\d{0,8}\/[1-9]\d{0,8}$/, RATE_MESSAGE)
  .transform((value) => {
    const [limit = 0, windowSeconds = 0] = value.split('/').map(Number);
    return { limit, windowSeconds };
  })
  .refine(({ limit, windowSeconds }) => limit <= MAX_REQUESTS && windowSeconds <= MAX_WINDOW_SECONDS, RATE_MESSAGE);

/** A TCP port; 0 lets the system choose. */
export const port = wholeNumber(0, 65_535, 'must be a port number, 0 to 65535');

/** An http or https URL; the result has no trailing slash. */
export const url = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL', abort: true })
  .refine((value) => !/[?#]/.test(value), 'must have no query and no fragment: paths are appended to it')
  .refine((value) => !hasCredentials(value), 'must have no user name and no password: responses contain it')
  .transform((value) => new URL(value).href.replace(/\/+$/, ''));

/** An origin as browsers send it: scheme, host and port. */
export const origin = z
  .url({ protocol: /^https?$/, error: 'must be an origin such as https://shop.example' })
  .transform((value) => new URL(value).origin);

/** PostgreSQL truncates longer names. */
const MAX_SCHEMA_BYTES = 63;

export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL', abort: true })
  .refine((value) => isSchemaName(new URL(value).searchParams.get('schema') ?? 'public'), {
    error: `?schema= must be a name of 1 to ${MAX_SCHEMA_BYTES} bytes without a quote, and not begin with pg_`,
  });

function isSchemaName(name: string): boolean {
  const bytes = Buffer.byteLength(name);
  return bytes >= 1 && bytes <= MAX_SCHEMA_BYTES && !/["\0]|^(pg_|information_schema$)/.test(name);
}

const UNITS: Readonly<Record<string, DurationUnitType>> = {
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
};

/** `90`, `90s`, `15m`, `12h`, `7d` or `2w`; the result is in seconds. */
export const durationSeconds = z
  .string()
  .regex(/^[1-9]\d{0,8}\s*[smhdw]?$/, 'must be seconds, or a number with s, m, h, d or w, such as 7d')
  .transform((value) => {
    const unit = UNITS[value.slice(-1)] ?? 'seconds';
    return dayjs.duration(parseInt(value, 10), unit).asSeconds();
  });

export function splitList(list: string): string[] {
  return list.split(',').flatMap((item) => item.trim() || []);
}
