import type { CSSProperties, ReactNode } from 'react';
import { classNames } from '../ui/class-names.js';
import styles from './figures.module.css';

/** A row of large numbers. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly isHot?: boolean;
}

export function Figure({ name, value, note, isHot = false }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd
        className={classNames(styles.value, isHot && styles.hot)}
        style={{ '--length': value.length } as CSSProperties}
      >
        {value}
      </dd>
      {note && <dd className={styles.small}>{note}</dd>}
    </div>
  );
}
