import { useRef, type MouseEvent } from 'react';
import type { Drop, Reservation } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Ring } from '../ui/ring.js';
import { countdown } from '../ui/times.js';
import styles from './hold-panel.module.css';
import { useBuy, useRelease } from './use-hold-actions.js';
import { remaining } from './use-holds.js';

/** The ring pulses for the last seconds. */
const URGENT_MS = 10_000;

interface HoldPanelProps {
  readonly hold: Reservation;
  readonly drop: Pick<Drop, 'name'>;
  /** In one line, as high as the button to reserve, so that nothing moves. */
  readonly isCompact?: boolean;
}

/** An active reservation: the time that is left by the server's clock, and the buttons to buy or cancel. */
export function HoldPanel({ hold, drop, isCompact = false }: HoldPanelProps) {
  const lockRef = useRef(false);
  const buy = useBuy(hold, drop.name, lockRef);
  const release = useRelease(hold, drop.name, lockRef);
  const buyLabel = buy.isPending ? 'Buying …' : 'Buy now';
  const isBusy = buy.isPending || release.isPending;
  return (
    <div
      className={classNames(styles.panel, isCompact && styles.compact)}
      role="group"
      aria-label={`In your cart: ${drop.name}`}
    >
      <TimeLeft hold={hold} />
      <div className={styles.actions}>
        <Button
          isBusy={isBusy}
          aria-label={`${buyLabel}: ${drop.name}`}
          onClick={(event) => {
            if (isFirstClick(event)) buy.submit();
          }}
        >
          {buyLabel}
        </Button>
        <Button
          look="quiet"
          className={styles.cancel}
          isBusy={isBusy}
          aria-label={`Cancel reservation: ${drop.name}`}
          onClick={(event) => {
            if (isFirstClick(event)) release.submit();
          }}
        >
          {isCompact ? 'Cancel' : 'Cancel reservation'}
        </Button>
      </div>
    </div>
  );
}

/** The second click of a double click on the button to reserve lands on the panel that replaces it. */
function isFirstClick(event: MouseEvent): boolean {
  return event.detail <= 1;
}

function TimeLeft({ hold }: { readonly hold: Reservation }) {
  const { left, fraction } = remaining(hold, useServerNow(250));
  return (
    <div className={styles.time}>
      <Ring fraction={fraction} isUrgent={left < URGENT_MS}>
        {countdown(left)}
      </Ring>
      <p>
        <span className={styles.words}>In your cart</span>
        <span className="visually-hidden" role="timer" aria-live="off">
          {`for ${countdown(left)}`}
        </span>
      </p>
    </div>
  );
}
