import { afterEach, describe, expect, it, vi } from 'vitest';

/** The formats of a reader with these languages. */
async function formatsFor(...languages: string[]) {
  vi.stubGlobal('navigator', { languages });
  vi.resetModules();
  const [formats, times] = await Promise.all([
    import('../../../web/src/ui/formats.js'),
    import('../../../web/src/ui/times.js'),
  ]);
  return { ...formats, ...times };
}

/** Without the kinds of spaces that locales put between a number and its unit. */
const plain = (text: string) => text.replace(/\s/g, ' ');

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a reader', () => {
  it('sees prices in the currency of the drop, as they are written at home', async () => {
    const [german, american] = [await formatsFor('de-DE', 'en'), await formatsFor('en-US')];
    expect(plain(german.money('1234.50', 'EUR'))).toBe('1.234,50 €');
    expect(plain(german.money('175.00', 'USD'))).toBe('175 $');
    expect(american.money('175.00', 'USD')).toBe('$175');
    expect(american.money('12.50', 'EUR')).toBe('€12.50');
    expect(american.money('500.00', 'JPY')).toBe('¥500');
  });

  it('sees that a drop is free, but not that a sum is', async () => {
    const { money, sum } = await formatsFor('en-GB');
    expect(money('0.00', 'GBP')).toBe('Free');
    expect(sum('0.00', 'GBP')).toBe('£0');
  });

  it('sees numbers and days as at home', async () => {
    const { count, percent, day } = await formatsFor('de-DE');
    expect(count(1_250)).toBe('1.250');
    expect(plain(percent(0.82))).toBe('82 %');
    expect(day('2026-11-30T12:00:00.000Z')).toBe('30. November 2026');
  });

  it('sees times of the day with a time zone, and clocks in the digits of the locale', async () => {
    const { moment, date, exactMoment, countdown } = await formatsFor('ar-EG');
    for (const format of [moment, date, exactMoment]) {
      const zoned = format('2026-11-30T02:40:05.000Z');
      const names = new Intl.DateTimeFormat('ar-EG', { timeZoneName: 'short' }).formatToParts(0);
      expect(zoned).toContain(names.find(({ type }) => type === 'timeZoneName')?.value);
    }
    expect(countdown(69_000)).toBe('١:٠٩');
  });

  it('whose system names no locale of BCP 47 reads the language of the texts', async () => {
    const { count } = await formatsFor('en-US@posix', 'nonsense!');
    expect(count(1_250)).toBe('1,250');
  });
});
