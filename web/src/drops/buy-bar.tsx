import { useRef, useSyncExternalStore } from 'react';
import type { Drop } from '../api/client.js';
import type { Freshness } from '../services/use-live.js';
import { count, moment, money } from '../ui/formats.js';
import { texts } from '../texts/texts.js';
import type { Offer } from '../ticket/offer.js';
import { statusLabel } from '../ui/status-tag.js';
import { useHeightProperty } from '../ui/use-height-property.js';
import styles from './buy-bar.module.css';
import { DropAction } from './drop-action.js';
import { useOffer } from './use-offer.js';

/** As in the style sheet. */
const PHONE = window.matchMedia('(max-width: 40rem) and (min-height: 24rem)');

interface BuyBarProps {
  readonly drop: Drop;
  readonly freshness: Freshness;
}

/**
 * The action of the drop on its page. On a phone it is a bar at the bottom of the screen, with the price and the state beside
 * the one button; while a unit is held, with the countdown and the button to buy.
 */
export function BuyBar({ drop, freshness }: BuyBarProps) {
  const isPhone = useIsPhone();
  const { offer } = useOffer(drop);
  const bar = useRef<HTMLDivElement>(null);
  // The end of the page, the bar of other holds and the notices are above this one.
  useHeightProperty(bar, '--bottom-bar-height', isPhone);
  return (
    <div ref={bar} className={styles.bar}>
      {isPhone && (
        <p className={styles.summary}>
          <span className={styles.price}>{money(drop.price, drop.currency)}</span>
          <span className={styles.state}>{stateOf(drop, offer, freshness === 'old')}</span>
        </p>
      )}
      <DropAction drop={drop} freshness={freshness} isCompact={isPhone} />
    </div>
  );
}

function stateOf({ status, availableStock, dropStartsAt, limitPerUser }: Drop, offer: Offer, isOld: boolean): string {
  const { left, lastKnown, opens } = texts.drops.state;
  if (offer === 'limit-reached' && limitPerUser !== null) {
    return texts.ticket.limitReached(limitPerUser, count(limitPerUser));
  }
  if (status === 'live') return isOld ? lastKnown(count(availableStock)) : left(count(availableStock));
  if (isOld) return statusLabel(status, isOld);
  if (offer === 'all-held') return left(count(0));
  return offer === 'opens' ? opens(moment(dropStartsAt)) : statusLabel(status, isOld);
}

function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => PHONE.matches);
}

function subscribe(listener: () => void): () => void {
  PHONE.addEventListener('change', listener);
  return () => {
    PHONE.removeEventListener('change', listener);
  };
}
