import { classNames } from './class-names.js';
import styles from './ring.module.css';

interface RingProps {
  /** The part that is left, from 1 to 0. */
  readonly fraction: number;
  /** Text inside the ring. */
  readonly children: string;
  readonly isUrgent?: boolean;
  readonly className?: string | undefined;
}

/** A countdown as a ring. Hidden from screen readers: show the time as text as well. */
export function Ring({ fraction, children, isUrgent = false, className }: RingProps) {
  const left = Math.min(1, Math.max(0, fraction));
  return (
    <span className={classNames(styles.ring, isUrgent && styles.urgent, className)} aria-hidden="true">
      <svg viewBox="0 0 64 64">
        <circle className={styles.track} cx="32" cy="32" r="28" />
        <circle className={styles.left} cx="32" cy="32" r="28" pathLength="1" style={{ strokeDashoffset: 1 - left }} />
      </svg>
      <span className={styles.text}>{children}</span>
    </span>
  );
}
