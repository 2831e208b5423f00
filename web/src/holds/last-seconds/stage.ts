/** How urgent a hold is: the countdown changes its colour and size. */
export type Stage = 'calm' | 'soon' | 'last';

export const SOON_MS = 30_000;
export const LAST_MS = 10_000;

/** @param left ms. */
export function stageOf(left: number): Stage {
  if (left > SOON_MS) return 'calm';
  return left > LAST_MS ? 'soon' : 'last';
}
