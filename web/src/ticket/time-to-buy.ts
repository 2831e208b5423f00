import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import { inWords } from '../ui/times.js';

/** From here on, minutes are easier to read than seconds. */
const MAX_SECONDS = 90;

/** The time to buy a reserved unit, in words: `60 seconds`, `15 minutes`. */
export function timeToBuy(holdSeconds: number): string {
  if (holdSeconds > MAX_SECONDS) return inWords(holdSeconds * 1_000);
  return texts.common.seconds(holdSeconds, count(holdSeconds));
}
