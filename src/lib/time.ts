import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);

/** A time as the API shows it: ISO 8601, UTC with Z, milliseconds. Takes what PostgreSQL and JSON give. */
export function toIso(time: Date | string): string {
  return dayjs.utc(time).toISOString();
}

/** The same for a time that may be missing. */
export function toIsoOrNull(time: Date | string | null): string | null {
  return time === null ? null : toIso(time);
}

/** Whether `later` lies after `earlier`; both ISO 8601. */
export function isAfter(later: string, earlier: string): boolean {
  return dayjs(later).isAfter(dayjs(earlier));
}
