import type { ReactNode } from 'react';
import styles from './message.module.css';

interface MessageProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** What to do about it: a button or a link. */
  readonly action?: ReactNode;
}

/** In place of content: there is none, or it could not be had. */
export function Message({ title, children, action }: MessageProps) {
  return (
    <div className={styles.message}>
      <h2 className={styles.title}>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={styles.actions}>{action}</div>}
    </div>
  );
}
