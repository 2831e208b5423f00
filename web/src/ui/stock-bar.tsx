import type { Drop } from '../api/client.js';
import { classNames } from './class-names.js';
import styles from './stock-bar.module.css';

interface StockBarProps {
  readonly drop: Pick<Drop, 'availableStock' | 'reservedStock' | 'totalStock'>;
  /** The stock does not change now, or is not known: muted colours. */
  readonly isStill?: boolean;
  readonly className?: string | undefined;
}

/** The stock as a bar: units left are solid, units on hold hatched. Hidden from screen readers: show the numbers as well. */
export function StockBar({ drop, isStill = false, className }: StockBarProps) {
  const { availableStock, reservedStock, totalStock } = drop;
  const unsold = (availableStock + reservedStock) / totalStock;
  return (
    <span className={classNames(styles.bar, isStill && styles.still, className)} aria-hidden="true">
      <span className={styles.held} style={shifted(unsold)} />
      <span className={styles.free} style={shifted(availableStock / totalStock)} />
    </span>
  );
}

/** Moves a part of the full width to where only this share of it is visible, also in layouts from right to left. */
const shifted = (share: number) => ({ transform: `translateX(calc(${(share - 1) * 100}% * var(--inline-sign)))` });
