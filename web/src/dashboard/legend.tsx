import styles from './legend.module.css';

interface LegendProps {
  /** The token of each colour, and what it stands for. */
  readonly entries: readonly (readonly [color: string, name: string])[];
}

/** What the colours of a chart stand for. */
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
