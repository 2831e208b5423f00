import type { Drop } from '../api/client.js';
import { useServerNow } from '../live/use-live.js';
import { ago } from '../ui/times.js';
import styles from './buyers.module.css';

/** ms. Minutes are the finest step of what is shown. */
const STEP = 10_000;

/** The latest buyers of a drop, newest first. */
export function Buyers({ drop }: { readonly drop: Pick<Drop, 'topPurchasers' | 'name'> }) {
  const now = useServerNow(STEP);
  if (drop.topPurchasers.length === 0) return <p className={styles.none}>Nobody has bought one yet</p>;
  return (
    <ul className={styles.buyers} aria-label={`Latest buyers of ${drop.name}`}>
      {drop.topPurchasers.map(({ username, purchasedAt }) => (
        <li key={`${username} ${purchasedAt}`} className={styles.buyer}>
          <span className={styles.name}>{username}</span>{' '}
          <time dateTime={purchasedAt}>{ago(now - Date.parse(purchasedAt))}</time>
        </li>
      ))}
    </ul>
  );
}
