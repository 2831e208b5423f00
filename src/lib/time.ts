import dayjs from 'dayjs';

/** The API's form of a time: ISO 8601, UTC with Z, milliseconds. */
export function toIso(time: Date | string): string {
  // Not by dayjs, whose regular expression takes a third of the time of a page of a hundred purchases.
  return new Date(time).toISOString();
}

export function toIsoOrNull(time: Date | string | null): string | null {
  return time === null ? null : toIso(time);
}

export function isAfter(later: string, earlier: string): boolean {
  return dayjs(later).isAfter(dayjs(earlier));
}
