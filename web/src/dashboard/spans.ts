/** How far back the charts of stock reach: ms; Infinity: as far as the ledger does. */
export const SPANS = [
  { name: '5 min', words: 'the last five minutes', ms: 5 * 60_000 },
  { name: '1 hour', words: 'the last hour', ms: 60 * 60_000 },
  { name: '1 day', words: 'the last day', ms: 24 * 60 * 60_000 },
  { name: 'All', words: 'all its time', ms: Infinity },
] as const;

export type Span = (typeof SPANS)[number];
