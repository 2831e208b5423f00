import styles from './legend.module.css';

interface LegendProps {
  /** The token and the meaning of each colour. */
  readonly entries: readonly (readonly [color: string, name: string])[];
}

/** The meaning of the colours of a chart. */
export function Legend({ entries }: LegendProps) {
  return (
    <ul className={styles.legend}>
      {entries.map(([color, name]) => (
        <li key={name}>
          <span className={styles.swatch} style={{ background: `var(--${color})` }} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}
