/** Why a reservation was refused, by the problem code, in the words of the page. */
const WORDS: Readonly<Record<string, string>> = {
  'sold-out': 'Sold out',
  'already-reserved': 'Already in their cart',
  'limit-reached': 'Limit per customer reached',
  'cool-down': 'Let too many reservations expire',
  'drop-not-started': 'Not open yet',
  'drop-paused': 'Paused',
  'drop-ended': 'Ended',
  'drop-not-found': 'Not published',
  'idempotency-key-reused': 'Repeated with other content',
};

/** The reasons of refusals with their numbers, the most frequent first. */
export function refusalsInWords(refusals: Readonly<Record<string, number>>): { reason: string; units: number }[] {
  return Object.entries(refusals)
    .filter(([, units]) => units > 0)
    .map(([code, units]) => ({ reason: WORDS[code] ?? code.replaceAll('-', ' '), units }))
    .sort((a, b) => b.units - a.units || a.reason.localeCompare(b.reason));
}
