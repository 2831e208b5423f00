import type { Drop } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { classNames } from '../ui/class-names.js';
import { texts } from '../texts/texts.js';
import { ago } from '../ui/times.js';
import styles from './buyers.module.css';

const TEXTS = texts.ticket.buyers;
/** Minutes are the finest unit of the times shown. */
const STEP_MS = 10_000;

interface BuyersProps {
  readonly drop: Pick<Drop, 'topPurchasers' | 'name' | 'soldStock'>;
  /** In one line, so that nothing moves; the page of the drop shows all of it. */
  readonly isCompact?: boolean;
}

/** The latest buyers of a drop, newest first. */
export function Buyers({ drop, isCompact = false }: BuyersProps) {
  const now = useServerNow(STEP_MS);
  if (drop.topPurchasers.length === 0) {
    return <p className={styles.none}>{drop.soldStock === 0 ? TEXTS.none : TEXTS.unknown}</p>;
  }
  return (
    <ul className={classNames(styles.buyers, isCompact && styles.compact)} aria-label={TEXTS.label(drop.name)}>
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
