import { texts } from '../texts/texts.js';

const DOLLARS = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  trailingZeroDisplay: 'stripIfInteger',
});
const COUNT = new Intl.NumberFormat('en-US');
const PERCENT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const DAY_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

const EXACT_MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** A price of the API, `"175.00"`, as `$175`. */
export const money = (price: string) => DOLLARS.format(Number(price));

/** `1,250` */
export const count = (units: number) => COUNT.format(units);

/** A share from 0 to 1, as `82 %`. */
export const percent = (share: number) => texts.common.percent(PERCENT.format(share * 100));

/** A time in the near future, in this machine's time zone: `Sat, 22 Nov, 18:00`. */
export const moment = (time: string) => MOMENT.format(new Date(time));

/** A time with seconds: `22 Nov, 18:00:05`. */
export const exactMoment = (time: string) => EXACT_MOMENT.format(new Date(time));

/** A date and time: `22 Nov 2026, 18:00`. */
export const date = (time: string) => DAY_TIME.format(new Date(time));

/** A day: `22 November 2026`. */
export const day = (time: string) => DAY.format(new Date(time));
