import type { Drop } from '../api/client.js';

/** Longer delays overflow the timer of the browser, which then fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** For so long before a time the clock is read again and again. The clock is adjusted by less. */
const POLLED_MS = 2_000;

/**
 * Notifies when a drop starts and when it ends, to the millisecond of the clock: steps of a ticker would be late by up to two of
 * them. Returns a function that stops it.
 *
 * @param now ms since 1970, by the clock that decides. It may be adjusted: then the notice is late by `checkMs` at most.
 */
export function onSchedule(
  { dropStartsAt, dropEndsAt }: Pick<Drop, 'dropStartsAt' | 'dropEndsAt'>,
  now: () => number,
  listener: () => void,
  checkMs = 100,
): () => void {
  const times = [dropStartsAt, dropEndsAt].flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before = now();

  function set(): void {
    const next = Math.min(...times.filter((time) => time > before));
    if (next === Infinity) return;
    const left = next - before;
    const untilPolled = (left - POLLED_MS) / 2;
    timer = setTimeout(check, Math.min(left, Math.max(checkMs, untilPolled), MAX_DELAY_MS));
  }

  function check(): void {
    const current = now();
    const isDue = times.some((time) => time > before && time <= current);
    before = current;
    set();
    if (isDue) listener();
  }

  set();
  return () => {
    clearTimeout(timer);
  };
}
