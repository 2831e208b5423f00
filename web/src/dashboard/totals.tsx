import { useCallback, useSyncExternalStore } from 'react';
import type { Drop } from '../api/client.js';
import { newest } from '../live/newest.js';
import { useFeedStatus } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { count } from '../ui/formats.js';
import { Figure, Figures } from './figures.js';
import styles from './figures.module.css';
import type { Stats } from './use-stats.js';

const words = texts.dashboard.allDrops;

interface TotalsProps {
  readonly drops: readonly Drop[];
  /** The number of all drops, including those that were not fetched. */
  readonly totalItems: number;
  /** The latest stats of the server; for admins. */
  readonly stats: Stats | undefined;
}

/** The sums over all drops. */
export function Totals({ drops, totalItems, stats }: TotalsProps) {
  const { live } = useServices();
  const status = useFeedStatus();
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = drops.map(({ id }) => live.onSnapshot(id, listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [live, drops],
  );
  const sums = useSyncExternalStore(subscribe, () =>
    sumsOf(drops.map((drop) => newest(drop, live.snapshot(drop.id)))).join(' '),
  );
  const [open = 0, free = 0, held = 0, sold = 0] = sums.split(' ').map(Number);
  const isPart = totalItems > drops.length;
  // The server's sums cover all drops. If all drops were fetched, the sums of the page are a second newer.
  const stock = isPart && stats ? stats.stock : { availableStock: free, reservedStock: held, soldStock: sold };
  const isOld = status !== 'live' && status !== 'connecting';
  return (
    <section aria-labelledby="all-drops" className={classNames(styles.section, isOld && styles.old)}>
      <h2 id="all-drops" className={styles.title}>
        {words.title}
      </h2>
      <Figures>
        <Figure name={words.open} value={count(open)} />
        <Figure name={words.left} value={count(stock.availableStock)} isHot />
        <Figure name={words.held} value={count(stock.reservedStock)} />
        <Figure name={words.sold} value={count(stock.soldStock)} />
      </Figures>
      {isPart && !stats && <p className={styles.note}>{words.newestOnly(count(drops.length))}</p>}
      {isOld && <p className={styles.note}>{texts.common.lastKnown}</p>}
    </section>
  );
}

function sumsOf(drops: readonly Drop[]): [open: number, free: number, held: number, sold: number] {
  let [open, free, held, sold] = [0, 0, 0, 0];
  for (const { status, availableStock, reservedStock, soldStock } of drops) {
    if (status === 'live') open += 1;
    free += availableStock;
    held += reservedStock;
    sold += soldStock;
  }
  return [open, free, held, sold];
}
