import dayjs from 'dayjs';
import duration from 'dayjs/plugin/duration.js';
import { z } from 'zod';

dayjs.extend(duration);

/** `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`. */
export const booleanFlag = z.stringbool({ error: 'must be true or false' });

/** A TCP port; 0 lets the system choose. */
export const port = z.coerce
  .number({ error: 'must be a port number' })
  .int('must be a port number')
  .min(0, 'must be a port number')
  .max(65_535, 'must be a port number');

/** An http or https URL, given back without a trailing slash. */
export const url = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .transform((value) => value.replace(/\/+$/, ''));

/** An origin as browsers send it: scheme, host and port, nothing after. */
export const origin = z
  .url({ protocol: /^https?$/, error: 'must be an origin such as https://shop.example' })
  .transform((value) => new URL(value).origin);

/** A PostgreSQL connection string. */
export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' })
  .refine((value) => ['public', null].includes(new URL(value).searchParams.get('schema')), {
    error: 'only ?schema=public is supported: give each installation a database of its own',
  });

const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const;

/** `90`, `90s`, `15m`, `12h`, `7d` or `2w`, given back in seconds. */
export const durationSeconds = z
  .string()
  .regex(/^[1-9]\d{0,8}\s*[smhdw]?$/, 'must be seconds, or a number with s, m, h, d or w, such as 7d')
  .transform((value) => {
    const unit = UNITS[value.slice(-1) as keyof typeof UNITS] ?? 'seconds';
    return dayjs.duration(parseInt(value, 10), unit).asSeconds();
  });

/** Express's `trust proxy`: true, false, a number of hops, or a comma-separated list of addresses and subnets. */
export const trustProxy = z.string().transform((value): boolean | number | string => {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
});
