/** The probability below which a result counts as no coincidence. */
const SIGNIFICANCE = 0.05;

/**
 * Whether rounds show that a floor is missed, by the one-sided sign test: if the floor held, at least half of all rounds would
 * reach it, and so few of these would do so by chance with a probability of at most 5 %. Nothing else is assumed of the
 * distribution. The same as that the upper bound of the 95 % confidence interval of the median lies below the floor; see
 * W. J. Conover, Practical Nonparametric Statistics, third edition, 3.4, and J.-Y. Le Boudec, Performance Evaluation of
 * Computer and Communication Systems, 2.2. It takes five rounds at least, and eight if one of them reaches the floor.
 *
 * @param reaching how many of the rounds reach the floor.
 */
export function showsMiss(reaching: number, rounds: number): boolean {
  return atMost(reaching, rounds) <= SIGNIFICANCE;
}

/** The probability of at most `successes` of `trials` tosses of a coin. */
function atMost(successes: number, trials: number): number {
  let term = 0.5 ** trials;
  let sum = 0;
  for (let count = 0; count <= successes; count += 1) {
    sum += term;
    term *= (trials - count) / (count + 1);
  }
  return sum;
}
