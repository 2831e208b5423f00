import { useRef, type MouseEvent } from 'react';
import type { Drop, Reservation } from '../api/client.js';
import { useServerNow } from '../services/use-live.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Ring } from '../ui/ring.js';
import { texts } from '../texts/texts.js';
import { countdown } from '../ui/times.js';
import styles from './hold-panel.module.css';
import { stageOf } from './last-seconds/stage.js';
import { useBuy, useRelease } from './use-hold-actions.js';
import { remaining } from './use-holds.js';

const TEXTS = texts.holds;

interface HoldPanelProps {
  readonly hold: Reservation;
  readonly drop: Pick<Drop, 'name' | 'currency'>;
  /** In one line, as high as the button to reserve, so that nothing moves. */
  readonly isCompact?: boolean;
}

/** An active reservation: the time that is left by the server's clock, and the buttons to buy or release. */
export function HoldPanel({ hold, drop, isCompact = false }: HoldPanelProps) {
  const { left, fraction } = remaining(hold, useServerNow(250));
  const lockRef = useRef(false);
  const buy = useBuy(hold, drop, lockRef);
  const release = useRelease(hold, drop.name, lockRef);
  const buyLabel = buy.isPending ? TEXTS.buy.busy : TEXTS.buy.label;
  const releaseLabel = release.isPending ? TEXTS.release.busy : TEXTS.release.label;
  const isBusy = buy.isPending || release.isPending;
  return (
    <div
      className={classNames(styles.panel, isCompact && styles.compact)}
      role="group"
      aria-label={TEXTS.inCartOf(drop.name)}
      data-stage={stageOf(left)}
    >
      <TimeLeft left={left} fraction={fraction} />
      <div className={styles.actions}>
        <Button
          isBusy={isBusy}
          aria-label={texts.common.of(buyLabel, drop.name)}
          onClick={(event) => {
            if (isFirstClick(event)) buy.submit();
          }}
        >
          {buyLabel}
        </Button>
        <Button
          look="quiet"
          className={styles.release}
          isBusy={isBusy}
          aria-label={texts.common.of(releaseLabel, drop.name)}
          onClick={(event) => {
            if (isFirstClick(event)) release.submit();
          }}
        >
          {releaseLabel}
        </Button>
      </div>
    </div>
  );
}

/** The second click of a double click on the button to reserve lands on the panel that replaces it. */
function isFirstClick(event: MouseEvent): boolean {
  return event.detail <= 1;
}

function TimeLeft({ left, fraction }: { readonly left: number; readonly fraction: number }) {
  return (
    <div className={styles.time}>
      <Ring fraction={fraction} isUrgent={stageOf(left) === 'last'} className={styles.ring}>
        {countdown(left)}
      </Ring>
      <p>
        <span className={styles.words}>{TEXTS.inCart}</span>
        <span className="visually-hidden" role="timer" aria-live="off">
          {TEXTS.timeLeft(countdown(left))}
        </span>
      </p>
    </div>
  );
}
