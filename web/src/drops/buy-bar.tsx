import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Drop } from '../api/client.js';
import type { Freshness } from '../services/use-live.js';
import { count, moment, money } from '../ui/formats.js';
import { statusLabel } from '../ui/status-tag.js';
import styles from './buy-bar.module.css';
import { DropAction } from './drop-action.js';

/** As in the style sheet. */
const PHONE = window.matchMedia('(max-width: 40rem) and (min-height: 24rem)');
const HEIGHT_PROPERTY = '--bottom-bar-height';

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
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = bar.current;
    if (!isPhone || !element) return undefined;
    const { style } = document.documentElement;
    // The end of the page, and the bar of other holds, are above this one.
    const observer = new ResizeObserver(() => {
      style.setProperty(HEIGHT_PROPERTY, `${element.offsetHeight}px`);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(HEIGHT_PROPERTY);
    };
  }, [isPhone]);
  return (
    <div ref={bar} className={styles.bar}>
      {isPhone && (
        <p className={styles.summary}>
          <span className={styles.price}>{money(drop.price)}</span>
          <span className={styles.state}>{stateOf(drop, freshness === 'old')}</span>
        </p>
      )}
      <DropAction drop={drop} freshness={freshness} isCompact={isPhone} />
    </div>
  );
}

function stateOf({ status, availableStock, dropStartsAt }: Drop, isOld: boolean): string {
  if (status === 'live') return `${count(availableStock)} ${isOld ? 'last known' : 'left'}`;
  return status === 'scheduled' && !isOld ? `Opens ${moment(dropStartsAt)}` : statusLabel(status, isOld);
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
