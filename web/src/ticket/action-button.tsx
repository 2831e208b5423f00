import type { ComponentProps } from 'react';
import type { Drop } from '../api/client.js';
import { Button } from '../ui/button.js';
import styles from './action-button.module.css';

/** What the button of a drop says in each state. */
export const ACTION_LABELS: Readonly<Record<Drop['status'], string>> = {
  live: 'Reserve',
  sold_out: 'Sold out',
  scheduled: 'Not open yet',
  paused: 'Paused',
  ended: 'Ended',
  cancelled: 'Cancelled',
  draft: 'Not published yet',
};

interface ActionButtonProps extends Omit<ComponentProps<typeof Button>, 'look' | 'className'> {
  /** A unit can be reserved. Otherwise the button says why not. */
  readonly isOpen: boolean;
}

/** The button of a drop: reserves a unit. */
export function ActionButton({ isOpen, ...rest }: ActionButtonProps) {
  return (
    <Button
      {...rest}
      className={isOpen ? styles.open : styles.shut}
      look={isOpen ? 'ink' : 'quiet'}
      aria-disabled={isOpen ? undefined : true}
    />
  );
}
