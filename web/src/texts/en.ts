import { plural } from './plural.js';

const unit = plural('en', { one: 'unit', other: 'units' });

/**
 * Every text of the page, in English. A translation is a file beside this one with an object of the type `Texts`.
 *
 * A text with values is a function of them; the caller formats times, prices and numbers.
 */
export const en = {
  /** BCP 47, the `lang` of the page. */
  language: 'en',
  /** The `dir` of the page. */
  direction: 'ltr' as 'ltr' | 'rtl',
  common: {
    /** `1 unit`, `1,250 units` */
    units: (value: number, formatted: string) => `${formatted} ${unit(value)}`,
  },
};
