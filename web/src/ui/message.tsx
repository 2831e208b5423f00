import type { ReactNode } from 'react';
import styles from './message.module.css';

interface MessageProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** A button or a link. */
  readonly action?: ReactNode;
}

/** Shown instead of content that is empty or could not be loaded. */
export function Message({ title, children, action }: MessageProps) {
  return (
    <div className={styles.message}>
      <h2 className={styles.title}>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={styles.actions}>{action}</div>}
    </div>
  );
}
