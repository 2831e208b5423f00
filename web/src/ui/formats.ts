import { texts } from '../texts/texts.js';
import { LOCALES } from './locales.js';

const COUNT = new Intl.NumberFormat(LOCALES);
const PERCENT = new Intl.NumberFormat(LOCALES, { maximumFractionDigits: 0 });
const DAY = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'long' });
const CLOCK = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
const MOMENT = new Intl.DateTimeFormat(LOCALES, { weekday: 'short', day: 'numeric', month: 'short', ...CLOCK });
const DAY_TIME = new Intl.DateTimeFormat(LOCALES, { day: 'numeric', month: 'short', year: 'numeric', ...CLOCK });
const EXACT_MOMENT = new Intl.DateTimeFormat(LOCALES, { day: 'numeric', month: 'short', second: '2-digit', ...CLOCK });

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string): Intl.NumberFormat {
  const known = moneyFormats.get(currency);
  if (known) return known;
  const format = new Intl.NumberFormat(LOCALES, {
    style: 'currency',
    currency,
    trailingZeroDisplay: 'stripIfInteger',
  });
  moneyFormats.set(currency, format);
  return format;
}

/**
 * A price of the API, `"175.00"`, as the reader writes it: `$175`, `175 €`; `Free` for 0.
 *
 * @param currency An ISO 4217 code.
 */
export function money(price: string, currency: string): string {
  const amount = Number(price);
  return amount === 0 ? texts.ui.free : moneyFormat(currency).format(amount);
}

/** A sum of prices, as {@link money} without a word for 0. */
export const sum = (amount: string, currency: string) => moneyFormat(currency).format(Number(amount));

/** `1,250` */
export const count = (units: number) => COUNT.format(units);

/** A share from 0 to 1, as `82 %`. */
export const percent = (share: number) => texts.common.percent(PERCENT.format(share * 100));

/** A time in the near future, in the reader's time zone: `Mon 30 Nov, 03:40 CET`. */
export const moment = (time: string) => MOMENT.format(new Date(time));

/** A time with seconds: `30 Nov, 03:40:05 CET`. */
export const exactMoment = (time: string) => EXACT_MOMENT.format(new Date(time));

/** A date and time: `30 Nov 2026, 03:40 CET`. */
export const date = (time: string) => DAY_TIME.format(new Date(time));

/** A day: `30 November 2026`. */
export const day = (time: string) => DAY.format(new Date(time));
