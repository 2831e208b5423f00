import { texts } from '../texts/texts.js';

/** The languages of the reader's browser, the preferred one first. Node, which runs the unit tests, may have none. */
const preferred: Partial<Pick<Navigator, 'languages'>> = typeof navigator === 'undefined' ? {} : navigator;

/** The locales for numbers and dates: what the reader prefers, and else the language of the texts. */
export const LOCALES: readonly string[] = [...(preferred.languages ?? []).filter(isLocale), texts.language];

/** Some systems name a language that is not a BCP 47 tag, such as `en-US@posix`, which would throw. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
