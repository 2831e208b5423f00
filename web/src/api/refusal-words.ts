import { texts } from '../texts/texts.js';

/** Why a reservation was refused, in the words of the page, by the problem code. */
export const refusalInWords = (code: string): string => texts.common.refusals[code] ?? code.replaceAll('-', ' ');

/** The reasons of refusals with their numbers, the most frequent first. */
export function refusalsInWords(refusals: Readonly<Record<string, number>>): { reason: string; units: number }[] {
  return Object.entries(refusals)
    .filter(([, units]) => units > 0)
    .map(([code, units]) => ({ reason: refusalInWords(code), units }))
    .sort((a, b) => b.units - a.units || a.reason.localeCompare(b.reason));
}
