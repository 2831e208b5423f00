import type { CSSProperties } from 'react';
import type { Drop } from '../api/client.js';
import { useSecondsUntil, type Freshness } from '../services/use-live.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { count, moment } from '../ui/formats.js';
import { StockBar } from '../ui/stock-bar.js';
import { StockCount } from '../ui/stock-count.js';
import { countdown } from '../ui/times.js';
import styles from './drop-stock.module.css';

/** States in which the stock changes. */
const MOVING: readonly Drop['status'][] = ['live', 'sold_out'];
const SECOND_MS = 1_000;

interface DropStockProps {
  readonly drop: Pick<
    Drop,
    'status' | 'availableStock' | 'reservedStock' | 'soldStock' | 'totalStock' | 'dropStartsAt'
  >;
  readonly freshness: Freshness;
}

/** How many units of a drop are left, or the time until it opens. Numbers that may be old are marked. */
export function DropStock({ drop, freshness }: DropStockProps) {
  const isOld = freshness === 'old';
  const { availableStock, reservedStock, soldStock, totalStock } = drop;
  const { leftOf, leftOfLastKnown, soldOf } = texts.common;
  const total = count(totalStock);
  return (
    <div className={classNames(styles.stock, isOld && styles.old)} data-freshness={freshness}>
      {drop.status === 'scheduled' ? (
        <Opening drop={drop} isOld={isOld} />
      ) : drop.status === 'ended' && reservedStock === 0 ? (
        <p className={styles.numbers}>
          <StockCount units={soldStock} />
          <span className="visually-hidden">{`${count(soldStock)} `}</span>
          <span className={styles.words}>{soldOf(total)}</span>
        </p>
      ) : (
        <p className={styles.numbers}>
          <StockCount units={availableStock} className={availableStock === 0 ? styles.gone : undefined} />
          <span className="visually-hidden">{`${count(availableStock)} `}</span>
          <span className={styles.words}>
            <span className={styles.left}>{isOld ? leftOfLastKnown(total) : leftOf(total)}</span>
            {reservedStock > 0 && <span className={styles.held}>{texts.ticket.held(count(reservedStock))}</span>}
          </span>
        </p>
      )}
      <StockBar drop={drop} isStill={isOld || !MOVING.includes(drop.status)} />
    </div>
  );
}

interface OpeningProps {
  readonly drop: Pick<Drop, 'dropStartsAt' | 'totalStock'>;
  readonly isOld: boolean;
}

function Opening({ drop, isOld }: OpeningProps) {
  const { separator, facts, lastKnown } = texts.ticket.opening;
  const { opensIn, opening } = texts.ticket.action;
  const seconds = useSecondsUntil(drop.dropStartsAt);
  const clock = seconds > 0 ? opensIn(countdown(seconds * SECOND_MS)) : opening;
  const units = texts.common.units(drop.totalStock, count(drop.totalStock));
  return (
    <p className={classNames(styles.numbers, styles.opening)}>
      <span className={styles.clock} style={{ '--length': clock.length } as CSSProperties} role="timer" aria-live="off">
        {clock}
      </span>
      <span className="visually-hidden">{separator}</span>
      <span className={styles.words}>
        <span>{facts(moment(drop.dropStartsAt), units)}</span>
        {isOld && <span className={styles.left}>{lastKnown}</span>}
      </span>
    </p>
  );
}
