import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import type { Reservation } from '../api/client.js';
import { dropQuery } from '../api/queries.js';
import { useServerNow } from '../live/use-live.js';
import { useServices } from '../services.js';
import { countdown } from '../ui/times.js';
import styles from './dock.module.css';
import { remaining, useHolds } from './use-holds.js';

/** What one holds, at the foot of every page that does not show it: nobody shall lose a hold for having looked elsewhere. */
export function Dock() {
  const [path] = useLocation();
  const holds = useHolds().holds.filter(({ dropId }) => path !== '/holds' && path !== `/drops/${dropId}`);
  const isShown = holds.length > 0;
  useEffect(() => {
    document.documentElement.style.setProperty('--dock-height', isShown ? '5rem' : '0px');
  }, [isShown]);
  if (!isShown) return null;
  return (
    <nav className={styles.dock} aria-label="What you hold">
      <ul className={styles.row}>
        {holds.map((hold) => (
          <DockedHold key={hold.id} hold={hold} />
        ))}
      </ul>
    </nav>
  );
}

function DockedHold({ hold }: { readonly hold: Reservation }) {
  const { api } = useServices();
  const { data: drop } = useQuery(dropQuery(api, hold.dropId));
  const { left, fraction } = remaining(hold, useServerNow(250));
  return (
    <li className={styles.item}>
      <Link href={`/drops/${hold.dropId}`} className={styles.link}>
        <span className={styles.name}>{drop?.name ?? 'Held for you'}</span>
        <span className={styles.time}>{countdown(left)}</span>
      </Link>
      <span className={styles.left} style={{ transform: `scaleX(${fraction})` }} />
    </li>
  );
}
