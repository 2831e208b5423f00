/** The Core Web Vitals of one visit: see https://web.dev/articles/vitals. */
export interface Vitals {
  /** Largest Contentful Paint: ms after the navigation. */
  readonly lcpMs: number;
  /** Cumulative Layout Shift, over the whole visit. */
  readonly cls: number;
  /** The slowest interaction, from the input to the next frame. */
  readonly inpMs: number;
}

/** What a page may need at most, on Lighthouse's slow 4G and a CPU four times slower. */
export const BUDGETS: Vitals = { lcpMs: 2_500, cls: 0.05, inpMs: 200 };

/** A try on a machine that was this many times slower than the reference, before or after, proves nothing against the page. */
const MAX_SLOWNESS = 2;
/** So many of all tries have to be on a calm machine, so that a page counts as too slow. */
const MIN_CALM_TRIES = 3;

export interface Try {
  readonly vitals: Vitals;
  /** Of the machine, the larger one of before and after. */
  readonly slowness: number;
}

export type Verdict =
  | { readonly kind: 'passed' | 'undecided' | 'too noisy' }
  | { readonly kind: 'failed'; readonly problems: readonly string[] };

/**
 * Judges a page by its best values: another program can only make them worse, and a page that is too slow is so in each try.
 * `undecided`: more tries are needed; `too noisy`: this was the last one, and too few were made on a calm machine.
 */
export function judge(tries: readonly Try[], isLast: boolean): Verdict {
  const problems = problemsOf(tries.map(({ vitals }) => vitals));
  if (problems.length === 0) return { kind: 'passed' };
  if (!isLast) return { kind: 'undecided' };
  const calm = tries.filter(({ slowness }) => slowness <= MAX_SLOWNESS);
  return calm.length >= MIN_CALM_TRIES ? { kind: 'failed', problems } : { kind: 'too noisy' };
}

function problemsOf(vitals: readonly Vitals[]): string[] {
  const best = (name: keyof Vitals) => Math.min(...vitals.map((each) => each[name]));
  const [lcpMs, cls, inpMs] = [best('lcpMs'), best('cls'), best('inpMs')];
  return [
    ...(lcpMs >= BUDGETS.lcpMs ? [`LCP is ${lcpMs.toFixed(0)} ms, not under ${BUDGETS.lcpMs} ms`] : []),
    ...(cls >= BUDGETS.cls ? [`CLS is ${cls.toFixed(3)}, not under ${BUDGETS.cls}`] : []),
    ...(inpMs >= BUDGETS.inpMs ? [`INP is ${inpMs.toFixed(0)} ms, not under ${BUDGETS.inpMs} ms`] : []),
  ];
}
