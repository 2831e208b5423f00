import { z } from 'zod';
import { once } from '../../lib/once.js';
import { text, visibleText } from '../../lib/validation/text.js';
import { hasCredentials, isWebUrl } from '../../lib/validation/web-url.js';

// Values of a drop in requests.

const MAX_PRICE = 1_000_000;
const MAX_URL_LENGTH = 2048;

const PRICE_MESSAGE = `must be an amount from 0 to ${MAX_PRICE}, with at most two decimals`;

/** A price as a number or a decimal string. The output is a decimal string: `"175.00"`. */
export const price = z
  .union([z.number(), z.string().regex(/^\d{1,7}(\.\d{1,2})?$/, PRICE_MESSAGE)], { error: PRICE_MESSAGE })
  .transform(Number)
  .refine((value) => value >= 0 && value <= MAX_PRICE && Number(value.toFixed(2)) === value, PRICE_MESSAGE)
  .transform((value) => value.toFixed(2));

const CURRENCY_MESSAGE = 'must be a currency code of ISO 4217: three capital letters such as EUR';

/** Read when the first drop is created or changed: it takes longer than the rest of the validation. */
const currencies = once(() => new Set(Intl.supportedValuesOf('currency')));

/** A code of ISO 4217. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: CURRENCY_MESSAGE, abort: true })
  .refine((code) => currencies().has(code), CURRENCY_MESSAGE);

const MAX_DESCRIPTION_LENGTH = 2_000;

/** Plain text of several lines; `""` means none. */
export const description = visibleText(MAX_DESCRIPTION_LENGTH).transform((value) => value || null);

/** An http or https URL without credentials, which every client would receive, or a path on this server; `""` means no picture. */
export const imageUrl = text
  .max(MAX_URL_LENGTH)
  .refine((value) => value === '' || isServerPath(value) || isWebUrl(value), {
    error: 'must be an http:// or https:// URL, or a path on this server that begins with /',
  })
  .refine((value) => !isWebUrl(value) || !hasCredentials(value), {
    error: 'must not contain a user name or a password, because every client receives the URL',
  })
  .transform((value) => value || null);

function isServerPath(value: string): boolean {
  return /^\/(?![/\\])\S*$/.test(value);
}
