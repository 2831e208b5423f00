import type { Drop } from '../api/client.js';

/**
 * The drops of a list in the order of the server, or as they were shown before if only units were held and returned since: in a rush
 * a drop is all held and on sale again several times a second, and its card must not change places each time.
 *
 * @param shown the drops as they were when they got their places.
 */
export function withKeptOrder(shown: readonly Drop[], drops: readonly Drop[]): readonly Drop[] {
  if (shown.length !== drops.length) return drops;
  const current = new Map(drops.map((drop) => [drop.id, drop]));
  const kept = shown.flatMap((drop) => {
    const now = current.get(drop.id);
    return now && lastingState(now) === lastingState(drop) ? [now] : [];
  });
  return kept.length === drops.length ? kept : drops;
}

/** The state of a drop, which is the same while its units are on sale and while all of them are held. */
function lastingState({ status, availability }: Drop): Drop['status'] {
  return availability === 'all_held' ? 'live' : status;
}
