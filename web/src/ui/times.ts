const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number) => String(value).padStart(2, '0');

/** A remaining time as on a clock: `0:09`, `12:30`, `3:05:00`, `2 d 04:00:00`; `0:00` if it is negative. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
  const [days, hours] = [Math.floor(left / DAY_MS), Math.floor((left % DAY_MS) / HOUR_MS)];
  const [minutes, seconds] = [Math.floor((left % HOUR_MS) / MINUTE_MS), Math.floor((left % MINUTE_MS) / SECOND_MS)];
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${two(seconds)}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** A time span in words, in its largest unit and the next one: `9 seconds`, `1 minute 30 seconds`, `3 hours`, `2 days`. */
export function inWords(ms: number): string {
  const span = Math.max(0, Math.ceil(ms / SECOND_MS)) * SECOND_MS;
  const parts = [
    [Math.floor(span / DAY_MS), 'day'],
    [Math.floor((span % DAY_MS) / HOUR_MS), 'hour'],
    [Math.floor((span % HOUR_MS) / MINUTE_MS), 'minute'],
    [(span % MINUTE_MS) / SECOND_MS, 'second'],
  ] as const;
  const first = parts.findIndex(([size]) => size > 0);
  if (first === -1) return '0 seconds';
  return parts
    .slice(first, first + 2)
    .filter(([size]) => size > 0)
    .map(([size, unit]) => `${size} ${unit}${size === 1 ? '' : 's'}`)
    .join(' ');
}

/** A short time span: `12.5 s`, `1:30 min`. */
export function inShort(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 100) / 10} s`;
  return ms < HOUR_MS ? `${countdown(ms)} min` : `${countdown(ms)} h`;
}

/** An elapsed time: `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(ms: number): string {
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  return `${Math.floor(ms / DAY_MS)} d ago`;
}
