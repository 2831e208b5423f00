import type { Drop } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { classNames } from '../ui/class-names.js';
import { ago } from '../ui/times.js';
import styles from './buyers.module.css';

/** ms. Minutes are the finest step of what is shown. */
const STEP = 10_000;

interface BuyersProps {
  readonly drop: Pick<Drop, 'topPurchasers' | 'name' | 'soldStock'>;
  /** In one line, of which the page of the drop has the whole: nothing beside it moves. */
  readonly isCompact?: boolean;
}

/** The latest buyers of a drop, newest first. */
export function Buyers({ drop, isCompact = false }: BuyersProps) {
  const now = useServerNow(STEP);
  if (drop.topPurchasers.length === 0) {
    return <p className={styles.none}>{drop.soldStock === 0 ? 'Not bought yet' : 'The buyers are not known'}</p>;
  }
  return (
    <ul className={classNames(styles.buyers, isCompact && styles.compact)} aria-label={`Latest buyers of ${drop.name}`}>
      {drop.topPurchasers.map(({ id, username, purchasedAt }) => (
        <li key={id} className={styles.buyer}>
          <span className={styles.name} title={username}>
            {username}
          </span>{' '}
          <time dateTime={purchasedAt}>{ago(now - Date.parse(purchasedAt))}</time>
        </li>
      ))}
    </ul>
  );
}
