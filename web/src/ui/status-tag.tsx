import type { DropStatus } from '../api/client.js';
import { classNames } from './class-names.js';
import styles from './status-tag.module.css';

export const STATUS_WORDS: Readonly<Record<DropStatus, string>> = {
  live: 'Live',
  scheduled: 'Upcoming',
  sold_out: 'Sold out',
  paused: 'Paused',
  ended: 'Ended',
  cancelled: 'Cancelled',
};

interface StatusTagProps {
  readonly status: DropStatus;
  /** It is not known how it stands now. */
  readonly isOld?: boolean;
  readonly className?: string | undefined;
}

/** The state of a drop, as a stamp. */
export function StatusTag({ status, isOld = false, className }: StatusTagProps) {
  const word = STATUS_WORDS[status];
  return (
    <span className={classNames(styles.tag, !isOld && styles[status], className)}>
      {isOld && status === 'live' ? 'Was live' : word}
    </span>
  );
}
