import type { ComponentProps } from 'react';
import type { Drop } from '../api/client.js';
import { useSecondsUntil } from '../services/use-live.js';
import { texts } from '../texts/texts.js';
import { Button, ButtonLink } from '../ui/button.js';
import { count } from '../ui/formats.js';
import { statusLabel } from '../ui/status-tag.js';
import { countdown } from '../ui/times.js';
import styles from './offer-button.module.css';
import type { Offer } from './offer.js';

const TEXTS = texts.ticket.action;
const SECOND_MS = 1_000;

const LABELS = {
  reserve: TEXTS.reserve.label,
  'sign-in': TEXTS.signIn,
  'all-held': TEXTS.allHeld,
  'sold-out': TEXTS.soldOut,
  paused: TEXTS.paused,
  ended: TEXTS.ended,
  cancelled: TEXTS.cancelled,
  draft: TEXTS.draft,
} satisfies Partial<Record<Offer, string>>;

interface OfferButtonProps extends Pick<ComponentProps<typeof Button>, 'onClick' | 'isBusy'> {
  readonly drop: Pick<Drop, 'name' | 'status' | 'dropStartsAt'>;
  readonly offer: Offer;
  /** Units that the user has bought. */
  readonly owned?: number;
  /** Until the drop can be reserved again. */
  readonly waitSeconds?: number;
  /** The current state is not known. */
  readonly isOld?: boolean;
}

/** The button of a drop: reserves a unit, or says why not. At the limit it is a link to the purchases. */
export function OfferButton(props: OfferButtonProps) {
  const { drop, offer, owned = 0, waitSeconds = 0, isOld = false, isBusy = false, onClick } = props;
  const secondsToStart = useSecondsUntil(offer === 'opens' ? drop.dropStartsAt : undefined);
  if (offer === 'limit-reached') {
    const label = texts.ticket.owned(count(owned));
    return (
      <ButtonLink href="/purchases" look="quiet" className={styles.open} label={texts.common.of(label, drop.name)}>
        {label}
      </ButtonLink>
    );
  }
  const isOpen = offer === 'reserve' || offer === 'sign-in';
  const label = isBusy ? TEXTS.reserve.busy : labelOf();
  return (
    <Button
      isBusy={isBusy}
      className={isOpen ? styles.open : styles.shut}
      look={isOpen ? 'ink' : 'quiet'}
      aria-disabled={isOpen ? undefined : true}
      aria-label={texts.common.of(label, drop.name)}
      onClick={isOpen ? onClick : undefined}
    >
      {label}
    </Button>
  );

  function labelOf(): string {
    if (offer === 'wait') return TEXTS.againIn(countdown(waitSeconds * SECOND_MS));
    if (isOld && !isOpen) return statusLabel(drop.status, isOld);
    if (offer !== 'opens') return LABELS[offer as keyof typeof LABELS];
    return secondsToStart > 0 ? TEXTS.opensIn(countdown(secondsToStart * SECOND_MS)) : TEXTS.opening;
  }
}
