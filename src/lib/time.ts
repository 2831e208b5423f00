import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);

/** The API's form of a time: ISO 8601, UTC with Z, milliseconds. */
export function toIso(time: Date | string): string {
  return dayjs.utc(time).toISOString();
}

export function toIsoOrNull(time: Date | string | null): string | null {
  return time === null ? null : toIso(time);
}

export function isAfter(later: string, earlier: string): boolean {
  return dayjs(later).isAfter(dayjs(earlier));
}
