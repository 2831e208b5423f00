import { useRef, type MouseEvent } from 'react';
import type { Drop, Reservation } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { money } from '../ui/formats.js';
import { Ring } from '../ui/ring.js';
import { countdown } from '../ui/times.js';
import styles from './hold-panel.module.css';
import { useBuy, useRelease } from './use-hold-actions.js';
import { remaining } from './use-holds.js';

/** ms. From here on the ring throbs. */
const URGENT = 10_000;

interface HoldPanelProps {
  readonly hold: Reservation;
  readonly drop: Pick<Drop, 'name' | 'price'>;
  /** In one line, no higher than the button to reserve: nothing beside it moves. */
  readonly isCompact?: boolean;
}

/** What I hold: how long still, by the server's clock, and what I can do with it. */
export function HoldPanel({ hold, drop, isCompact = false }: HoldPanelProps) {
  const lockRef = useRef(false);
  const buy = useBuy(hold, drop.name, lockRef);
  const release = useRelease(hold, drop.name, lockRef);
  const buyLabel = buy.isPending ? 'Buying …' : `Buy ${money(drop.price)}`;
  const isBusy = buy.isPending || release.isPending;
  return (
    <div
      className={classNames(styles.panel, isCompact && styles.compact)}
      role="group"
      aria-label={`Your hold of ${drop.name}`}
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
          className={styles.letGo}
          isBusy={isBusy}
          aria-label={`Let go: ${drop.name}`}
          onClick={(event) => {
            if (isFirstClick(event)) release.submit();
          }}
        >
          Let go
        </Button>
      </div>
    </div>
  );
}

/** The second click of a double click on the button to reserve lands on the panel that has taken its place. */
function isFirstClick(event: MouseEvent): boolean {
  return event.detail <= 1;
}

function TimeLeft({ hold }: { readonly hold: Reservation }) {
  const { left, fraction } = remaining(hold, useServerNow(250));
  return (
    <div className={styles.time}>
      <Ring fraction={fraction} isUrgent={left < URGENT}>
        {countdown(left)}
      </Ring>
      <p>
        <span className={styles.words}>Held for you</span>
        <span className="visually-hidden" role="timer" aria-live="off">
          {`${countdown(left)} left`}
        </span>
      </p>
    </div>
  );
}
