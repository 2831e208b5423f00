import type { CSSProperties } from 'react';
import { classNames } from './class-names.js';
import { count } from './formats.js';
import styles from './stock-count.module.css';

/** A large number of units; digits that change are animated. Hidden from screen readers: show the number as text as well. */
export function StockCount({ units, className }: { readonly units: number; readonly className?: string | undefined }) {
  const characters = [...count(units)];
  return (
    <span
      className={classNames(styles.count, className)}
      style={{ '--length': characters.length } as CSSProperties}
      aria-hidden="true"
      translate="no"
    >
      {characters.map((character, index) => (
        // Keyed by place and value, so that only digits that changed are new elements and are animated.
        <span key={`${characters.length - index} ${character}`} className={styles.digit}>
          {character}
        </span>
      ))}
    </span>
  );
}
