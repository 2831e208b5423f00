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

/** The state of a drop, as a stamp. */
export function StatusTag({
  status,
  className,
}: {
  readonly status: DropStatus;
  readonly className?: string | undefined;
}) {
  return <span className={classNames(styles.tag, styles[status], className)}>{STATUS_WORDS[status]}</span>;
}
