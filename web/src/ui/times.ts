const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number) => String(value).padStart(2, '0');

/** What is left of a time, as a clock shows it: `0:09`, `12:30`, `3:05:00`, `2 d 04:00:00`. Of less than nothing, `0:00`. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND)) * SECOND;
  const [days, hours] = [Math.floor(left / DAY), Math.floor((left % DAY) / HOUR)];
  const [minutes, seconds] = [Math.floor((left % HOUR) / MINUTE), Math.floor((left % MINUTE) / SECOND)];
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}:${two(seconds)}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What is left of a time, as one says it: `9 seconds`, `12 minutes`, `3 hours`, `2 days`; the largest unit alone. */
export function inWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  const units = [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
  ] as const;
  const fitting = units.find(([size]) => seconds * SECOND >= size);
  const [count, unit] = fitting ? [Math.round((seconds * SECOND) / fitting[0]), fitting[1]] : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** How long ago that was: `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(ms: number): string {
  if (ms < MINUTE) return 'just now';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return `${Math.floor(ms / DAY)} d ago`;
}
