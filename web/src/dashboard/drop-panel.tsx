import { useQuery } from '@tanstack/react-query';
import { memo, useEffect, useId, useRef, useState, type RefObject } from 'react';
import { Link } from 'wouter';
import type { Drop } from '../api/client.js';
import { useDrop } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { count } from '../ui/formats.js';
import { StatusTag } from '../ui/status-tag.js';
import { Chart } from './chart.js';
import type { ChartColors } from './colors.js';
import styles from './drop-panel.module.css';
import { movementsQuery, type Span } from './movements-query.js';
import { createStockHistory } from './stock-history.js';

const words = texts.dashboard.stock;

interface DropPanelProps {
  readonly fetched: Drop;
  readonly span: Span;
}

/** The stock of one drop: over time and now. */
export const DropPanel = memo(function DropPanel({ fetched, span }: DropPanelProps) {
  const { live, api } = useServices();
  const { drop, freshness } = useDrop(fetched);
  const frame = useRef<HTMLElement>(null);
  const isSeen = useIsSeen(frame);
  const [history] = useState(createStockHistory);
  /** The time of the last known stock: ms, by the server's clock. */
  const knownUntil = useRef(0);
  const nameId = useId();
  const { id, name, version, availableStock, reservedStock, soldStock, totalStock } = drop;
  const isOld = freshness === 'old';

  const { data: ledger, isError } = useQuery({
    ...movementsQuery(api, id, span, live.serverNow),
    enabled: isSeen,
  });
  useEffect(() => {
    if (ledger) history.load(ledger);
  }, [history, ledger]);
  useEffect(() => {
    history.add({ version, at: live.serverNow(), availableStock, reservedStock, soldStock });
  }, [history, live, version, availableStock, reservedStock, soldStock]);

  function read() {
    const now = live.serverNow();
    if (!isOld || knownUntil.current === 0) knownUntil.current = now;
    const [times, sold, soldOrHeld, all] = history.between(now - span.ms, knownUntil.current);
    const from = Number.isFinite(span.ms) ? (now - span.ms) / 1_000 : (times[0] ?? now / 1_000 - 1);
    return {
      data: [times, all, soldOrHeld, sold] as [number[], number[], number[], number[]],
      from,
      to: now / 1_000,
    };
  }

  return (
    <article ref={frame} className={classNames(styles.panel, isOld && styles.old)} aria-labelledby={nameId}>
      <header className={styles.head}>
        <h3 id={nameId} className={styles.name} dir="auto">
          <Link href={`/drops/${id}`} title={name}>
            {name}
          </Link>
        </h3>
        <StatusTag status={drop.status} isOld={isOld} />
      </header>
      <Chart label={chartInWords(span, drop)} read={read} series={seriesOf} isStepped isHidden={!isSeen} />
      {isError && <p className={styles.note}>{words.notLoaded}</p>}
      <dl className={styles.numbers}>
        <div>
          <dt>{words.left}</dt>
          <dd className={styles.free}>{count(availableStock)}</dd>
        </div>
        <div>
          <dt>{words.held}</dt>
          <dd>{count(reservedStock)}</dd>
        </div>
        <div>
          <dt>{words.sold}</dt>
          <dd>
            <span>{count(soldStock)}</span> <span className={styles.of}>{words.soldOf(count(totalStock))}</span>
          </dd>
        </div>
      </dl>
      <p className={styles.wall}>
        <Link href={`/dashboard/${id}`} aria-label={words.wallOf(name)}>
          {texts.common.wallDisplay}
        </Link>
      </p>
      {isOld && <p className={styles.note}>{texts.common.lastKnown}</p>}
    </article>
  );
});

/** Units left, on hold and sold, the last on top. */
function seriesOf(colors: ChartColors) {
  return [
    { fill: colors.sunk, stroke: colors.line, width: 1 },
    { fill: colors.hot, width: 0 },
    { fill: colors.ink, width: 0 },
  ];
}

/** Describes the chart for screen readers. */
function chartInWords({ key }: Span, { availableStock, reservedStock, soldStock, totalStock }: Drop): string {
  const range = words.ranges[key].inWords;
  return words.chart(range, count(availableStock), count(reservedStock), count(soldStock), count(totalStock));
}

const VISIBILITY_MARGIN = { rootMargin: '200px' };

/** Whether the element is on the screen, or almost. */
function useIsSeen(element: RefObject<HTMLElement | null>): boolean {
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver((entries) => {
      setIsSeen(entries.at(-1)?.isIntersecting ?? false);
    }, VISIBILITY_MARGIN);
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return isSeen;
}
