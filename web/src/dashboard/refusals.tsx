import { count } from '../ui/formats.js';
import styles from './rates.module.css';
import type { Stats } from './use-stats.js';

/** Seconds told of. */
const MINUTE = 60;
/** Reasons that are named; there are seldom more. */
const MOST = 5;

/** Why people were refused in the last minute. */
export function Refusals({ stats }: { readonly stats: readonly Stats[] }) {
  const sums = new Map<string, number>();
  for (const { refusals } of stats.slice(-MINUTE)) {
    for (const [code, units] of Object.entries(refusals)) sums.set(code, (sums.get(code) ?? 0) + units);
  }
  const reasons = [...sums].sort(([, a], [, b]) => b - a).slice(0, MOST);
  if (reasons.length === 0) return <p className={styles.none}>No refusals received in the last minute.</p>;
  return (
    <dl className={styles.reasons} aria-label="Refused in the last minute, by reason">
      {reasons.map(([code, units]) => (
        <div key={code}>
          <dt>
            <a href={`/errors#${code}`}>{inWords(code)}</a>
          </dt>
          <dd>{count(units)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** `limit-reached`: Limit reached */
function inWords(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
}
