import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { Reservation } from '../api/client.js';
import { dropQuery } from '../api/queries.js';
import { useServerNow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { classNames } from '../ui/class-names.js';
import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import { countdown } from '../ui/times.js';
import { useHeightProperty } from '../ui/use-height-property.js';
import styles from './hold-bar.module.css';
import { stageOf } from './last-seconds/stage.js';
import { remaining, useHolds } from './use-holds.js';

const TEXTS = texts.holds;
/** More would cover too much of a small screen. The others are behind a link. */
const MAX_SHOWN = 3;

/** The active reservations, at the bottom of every page that does not show them itself, so that none expires unnoticed. */
export function HoldBar() {
  const [path] = useLocation();
  const holds = useHolds().holds.filter(({ dropId }) => path !== '/holds' && path !== `/drops/${dropId}`);
  const bar = useRef<HTMLElement>(null);
  const shown = holds.length > MAX_SHOWN ? holds.slice(0, MAX_SHOWN - 1) : holds;
  const more = holds.length - shown.length;
  useHeightProperty(bar, '--hold-bar-height', holds.length > 0);
  if (holds.length === 0) return null;
  return (
    <nav ref={bar} className={styles.bar} aria-label={TEXTS.inCart}>
      <ul className={styles.row}>
        {shown.map((hold) => (
          <HoldItem key={hold.id} hold={hold} />
        ))}
        {more > 0 && (
          <li className={classNames(styles.item, styles.more)}>
            <Link href="/holds" className={styles.link}>
              {TEXTS.more(count(more))}
            </Link>
          </li>
        )}
      </ul>
    </nav>
  );
}

function HoldItem({ hold }: { readonly hold: Reservation }) {
  const { api } = useServices();
  const { data: drop } = useQuery(dropQuery(api, hold.dropId));
  const { left, fraction } = remaining(hold, useServerNow(250));
  return (
    <li className={styles.item} data-stage={stageOf(left)}>
      <Link href={`/drops/${hold.dropId}`} className={styles.link}>
        <span className={styles.name} title={drop?.name} dir="auto">
          {drop?.name ?? TEXTS.unnamed}
        </span>
        <span className={styles.time}>{countdown(left)}</span>
      </Link>
      <span className={styles.left} style={{ transform: `scaleX(${fraction})` }} />
    </li>
  );
}
