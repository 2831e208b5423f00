import type { DropStatus } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { classNames } from './class-names.js';
import styles from './status-tag.module.css';

export const STATUS_WORDS: Readonly<Record<DropStatus, string>> = texts.ui.status;

/** The label of a state; `isOld`: the last known state, while the current one is not known. */
export function statusLabel(status: DropStatus, isOld: boolean): string {
  return isOld ? texts.ui.statusBefore[status] : texts.ui.status[status];
}

interface StatusTagProps {
  readonly status: DropStatus;
  /** The current state is not known. */
  readonly isOld?: boolean;
  /** Instead of the label of the state. */
  readonly label?: string | undefined;
  readonly className?: string | undefined;
}

/** The state of a drop as a tag. */
export function StatusTag({ status, isOld = false, label = statusLabel(status, isOld), className }: StatusTagProps) {
  return <span className={classNames(styles.tag, !isOld && styles[status], className)}>{label}</span>;
}
