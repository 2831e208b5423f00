import { texts } from '../texts/texts.js';
import { count } from './formats.js';
import { LOCALES } from './locales.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const DIGITS = new Intl.NumberFormat(LOCALES, { useGrouping: false });
const TWO_DIGITS = new Intl.NumberFormat(LOCALES, { minimumIntegerDigits: 2, useGrouping: false });
const one = (value: number) => DIGITS.format(value);
const two = (value: number) => TWO_DIGITS.format(value);

/** A remaining time as on a clock: `0:09`, `12:30`, `3:05:00`, `2 d 04:00:00`; `0:00` if it is negative. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
  const [days, hours] = [Math.floor(left / DAY_MS), Math.floor((left % DAY_MS) / HOUR_MS)];
  const [minutes, seconds] = [Math.floor((left % HOUR_MS) / MINUTE_MS), Math.floor((left % MINUTE_MS) / SECOND_MS)];
  if (days > 0) return texts.ui.daysAndClock(one(days), `${two(hours)}:${two(minutes)}:${two(seconds)}`);
  return hours > 0 ? `${one(hours)}:${two(minutes)}:${two(seconds)}` : `${one(minutes)}:${two(seconds)}`;
}

const UNITS = (['day', 'hour', 'minute', 'second'] as const).map(
  (unit) => new Intl.NumberFormat(texts.language, { style: 'unit', unit, unitDisplay: 'long' }),
);
const PARTS = new Intl.ListFormat(texts.language, { type: 'unit', style: 'narrow' });

/** A time span in words, in its largest unit and the next one: `9 seconds`, `1 minute 30 seconds`, `3 hours`, `2 days`. */
export function inWords(ms: number): string {
  const span = Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
  const sizes = [
    Math.floor(span / DAY_MS),
    Math.floor((span % DAY_MS) / HOUR_MS),
    Math.floor((span % HOUR_MS) / MINUTE_MS),
    (span % MINUTE_MS) / SECOND_MS,
  ];
  const largest = sizes.findIndex((size) => size > 0);
  // Nothing is left: 0 of the smallest unit.
  const first = largest === -1 ? sizes.length - 1 : largest;
  const parts = UNITS.flatMap((unit, index) => {
    const size = sizes[index] ?? 0;
    const isShown = index === first || (index === first + 1 && size > 0);
    return isShown ? [unit.format(size)] : [];
  });
  return PARTS.format(parts);
}

const TENTHS = new Intl.NumberFormat(LOCALES, { maximumFractionDigits: 1 });

/** A short time span: `12.5 s`, `1:30 min`. */
export function inShort(ms: number): string {
  if (ms < MINUTE_MS) return texts.ui.seconds(TENTHS.format(ms / SECOND_MS));
  return ms < HOUR_MS ? texts.ui.minutes(countdown(ms)) : texts.ui.hours(countdown(ms));
}

/** An elapsed time: `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(ms: number): string {
  if (ms < MINUTE_MS) return texts.ui.justNow;
  if (ms < HOUR_MS) return texts.ui.minutesAgo(count(Math.floor(ms / MINUTE_MS)));
  if (ms < DAY_MS) return texts.ui.hoursAgo(count(Math.floor(ms / HOUR_MS)));
  return texts.ui.daysAgo(count(Math.floor(ms / DAY_MS)));
}
