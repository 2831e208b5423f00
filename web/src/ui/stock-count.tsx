import type { CSSProperties } from 'react';
import { classNames } from './class-names.js';
import { count } from './formats.js';
import styles from './stock-count.module.css';

/** A number of units, large; each digit that changes drops in. For eyes only: say it beside. */
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
        // By its place from the right and its value: only a digit that changed is another element, and moves.
        <span key={`${characters.length - index} ${character}`} className={styles.digit}>
          {character}
        </span>
      ))}
    </span>
  );
}
