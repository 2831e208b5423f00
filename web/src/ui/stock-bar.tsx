import type { Drop } from '../api/client.js';
import { classNames } from './class-names.js';
import styles from './stock-bar.module.css';

interface StockBarProps {
  readonly drop: Pick<Drop, 'availableStock' | 'reservedStock' | 'totalStock'>;
  /** Nothing of it moves just now, or nobody knows: it is not printed hot. */
  readonly isStill?: boolean;
  readonly className?: string | undefined;
}

/** Of all units: the free ones solid, those on hold hatched, the sold ones gone. For eyes only: say it beside. */
export function StockBar({ drop, isStill = false, className }: StockBarProps) {
  const { availableStock, reservedStock, totalStock } = drop;
  const unsold = (availableStock + reservedStock) / totalStock;
  return (
    <span className={classNames(styles.bar, isStill && styles.still, className)} aria-hidden="true">
      <span className={styles.held} style={{ transform: `translateX(${(unsold - 1) * 100}%)` }} />
      <span className={styles.free} style={{ transform: `translateX(${(availableStock / totalStock - 1) * 100}%)` }} />
    </span>
  );
}
