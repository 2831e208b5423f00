import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Drop } from '../../api/client.js';
import { dropsQuery } from '../../api/queries.js';
import { useFeedStatus, useServerNow } from '../../services/use-live.js';
import { useServices } from '../../services/services.js';
import { texts } from '../../texts/texts.js';
import { count, moment } from '../../ui/formats.js';
import { countdown } from '../../ui/times.js';
import { nextDrop } from './next-drop.js';
import styles from './wall.module.css';

const words = texts.dashboard.wall;

/** How long the end of a drop is shown. */
const MOVE_ON_AFTER_MS = 20_000;
/** The largest page of the API. */
const MAX_DROPS = 100;

/** The end of a drop, and the drop that opens next: the display moves on to it. */
export function Over({ drop }: { readonly drop: Drop }) {
  const { live } = useServices();
  const [overAt] = useState(live.serverNow);
  const next = useNextDrop(drop, overAt);
  const movesOnIn = overAt + MOVE_ON_AFTER_MS - useServerNow();
  const isLive = useFeedStatus() === 'live';
  const [, navigate] = useLocation();
  const nextId = next && movesOnIn <= 0 && isLive ? next.id : null;
  useEffect(() => {
    if (nextId !== null) navigate(`/dashboard/${nextId}`, { replace: true });
  }, [nextId, navigate]);
  const { title, text } = endOf(drop);
  return (
    <div className={styles.over}>
      <p className={styles.end}>{title}</p>
      <p className={styles.words}>{text}</p>
      <div className={styles.next}>
        <h2 className={styles.label}>{words.next}</h2>
        {next ? (
          <>
            <p className={styles.nextName} dir="auto">
              <Link href={`/dashboard/${next.id}`} replace>
                {next.name}
              </Link>
            </p>
            <Opening startsAt={next.dropStartsAt} />
            <p className={styles.label}>{words.movesOnIn(countdown(movesOnIn))}</p>
          </>
        ) : (
          <p className={styles.label}>{words.noNext}</p>
        )}
      </div>
    </div>
  );
}

function Opening({ startsAt }: { readonly startsAt: string }) {
  const left = Date.parse(startsAt) - useServerNow();
  return <p>{left > 0 ? words.opensAt(moment(startsAt), countdown(left)) : words.open}</p>;
}

function useNextDrop(drop: Drop, overAt: number): Drop | null {
  const { api } = useServices();
  const { data: upcoming } = useQuery(dropsQuery(api, { status: 'scheduled', pageSize: MAX_DROPS }));
  const { data: open } = useQuery(dropsQuery(api, { status: 'live', pageSize: MAX_DROPS }));
  return upcoming && open ? nextDrop(drop, overAt, [...upcoming.drops, ...open.drops]) : null;
}

function endOf({ status, soldStock, totalStock }: Drop): { readonly title: string; readonly text: string } {
  if (status === 'cancelled') return words.over.cancelled;
  if (soldStock === totalStock) return words.over.soldOut;
  return { title: words.over.ended.title, text: words.over.ended.text(count(soldStock), count(totalStock)) };
}
