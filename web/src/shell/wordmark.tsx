import styles from './header.module.css';

/** A ticket, and the name. */
export function Wordmark() {
  return (
    <span className={styles.wordmark} aria-hidden="true">
      <svg viewBox="0 0 30 24" className={styles.mark}>
        <path d="M0 0h30v8.500a3.500 3.500 0 0 0 0 7V24H0v-8.500a3.500 3.500 0 0 0 0-7z" fill="var(--hot)" />
        <path d="M19 3v18" stroke="var(--paper)" strokeWidth="2" strokeDasharray="2.500 2.500" />
      </svg>
      <span>
        <b>Drop</b> <span>Inventory</span>
      </span>
    </span>
  );
}
