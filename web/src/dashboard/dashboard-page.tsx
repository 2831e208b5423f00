import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { explain } from '../api/explain.js';
import { dropsQuery } from '../api/queries.js';
import { useAuth } from '../auth/use-auth.js';
import { useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Page } from '../page/page.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { DropBoard } from './drop-board.js';
import styles from './dashboard-page.module.css';
import { ActivityPanel } from './activity-feed.js';
import { FullScreen } from './full-screen.js';
import { ALL_MOVEMENTS } from './movements-query.js';
import { System } from './system.js';
import { Totals } from './totals.js';
import { useStats } from './use-stats.js';

/** The largest page of the API. */
const MAX_DROPS = 100;

/** The stock of all drops, their activity and, for admins, rates of the server. */
export function DashboardPage() {
  const { api, feed, queries } = useServices();
  const { isAdmin } = useAuth();
  const board = useRef<HTMLDivElement>(null);
  const { data, error, refetch } = useQuery(dropsQuery(api, { pageSize: MAX_DROPS }));
  const drops = data?.drops ?? NONE;
  useFollow(drops.map(({ id }) => id));
  const received = useStats();
  const stats = isAdmin ? received : NO_STATS;
  const nameOf = useCallback((dropId: string) => drops.find(({ id }) => id === dropId)?.name, [drops]);

  // Changes without a connection were missed: load the ledger again.
  useEffect(
    () =>
      feed.on('status', (status) => {
        if (status === 'live') void queries.invalidateQueries({ queryKey: ALL_MOVEMENTS });
      }),
    [feed, queries],
  );

  return (
    <div ref={board} className={styles.board}>
      <Page title={texts.dashboard.title} aside={<FullScreen of={board} />}>
        {!data && error && (
          <Message
            title={explain(error).title}
            action={<Button onClick={() => void refetch()}>{texts.common.tryAgain}</Button>}
          >
            {explain(error).text}
          </Message>
        )}
        {!data && !error && <Waiting />}
        {data && (
          <div className={styles.sections}>
            <Totals drops={drops} totalItems={data.meta.totalItems} stats={stats.at(-1)} />
            <System stats={stats} />
            <div className={styles.columns}>
              <DropBoard drops={drops} />
              <ActivityPanel nameOf={nameOf} />
            </div>
          </div>
        )}
      </Page>
    </div>
  );
}

const NONE: readonly never[] = [];
const NO_STATS: readonly never[] = [];

function Waiting() {
  return (
    <div className={styles.sections} role="status">
      <span className="visually-hidden">{texts.common.loading}</span>
      <Skeleton className={styles.waiting} />
      <Skeleton className={styles.waitingBoard} />
    </div>
  );
}
