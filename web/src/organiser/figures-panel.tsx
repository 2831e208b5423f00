import type { CSSProperties } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { Drop } from '../api/client.js';
import { refusalsInWords } from '../api/refusal-words.js';
import { NotLoaded } from '../page/not-loaded.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { count, percent, sum } from '../ui/formats.js';
import { inShort } from '../ui/times.js';
import styles from './figures-panel.module.css';
import { statsQuery, type DropStats } from './organiser-queries.js';
import { Panel } from './panel.js';

const words = texts.organiser.figures;
const { conversion, lastKnown, noValue } = texts.common;

interface FiguresPanelProps {
  readonly drop: Drop;
  readonly isOld: boolean;
}

/** How a drop sells. */
export function FiguresPanel({ drop, isOld }: FiguresPanelProps) {
  const { api } = useServices();
  const { data, error, refetch } = useQuery(statsQuery(api, drop.id));
  return (
    <Panel id="figures" title={texts.organiser.sections.figures}>
      {data ? (
        <div className={classNames(styles.panel, (isOld || error) && styles.old)}>
          {(isOld || error) && <p className={styles.note}>{lastKnown}</p>}
          <dl className={styles.figures}>
            {figuresOf(data).map(([name, value, note]) => (
              <div key={name} className={styles.figure}>
                <dt>{name}</dt>
                <dd className={styles.value} style={{ '--length': value.length } as CSSProperties}>
                  {value}
                </dd>
                {note && <dd className={styles.note}>{note}</dd>}
              </div>
            ))}
          </dl>
          <Refusals stats={data} />
        </div>
      ) : (
        <NotLoaded error={error} onRetry={() => void refetch()} className={styles.waiting} />
      )}
    </Panel>
  );
}

/** Name, value and explanation of each figure. */
function figuresOf(stats: DropStats): [name: string, value: string, note?: string][] {
  const { completed, revenue, currency, medianSecondsToPurchase, peakReservationsPerSecond, attempts } = stats;
  const share = stats.conversion === null ? noValue : percent(stats.conversion);
  const time = medianSecondsToPurchase === null ? noValue : inShort(medianSecondsToPurchase * 1_000);
  return [
    [words.revenue, sum(revenue, currency), words.sold(count(completed))],
    [conversion.name, share, conversion.note(count(completed), count(stats.holds - stats.active))],
    [words.timeToPurchase, time, words.median],
    [words.peak, count(peakReservationsPerSecond), words.peakNote],
    [words.attempts, count(attempts), words.attemptsNote],
    [words.expired, count(stats.expired), words.released(count(stats.released))],
  ];
}

/** Why reservations were refused. */
function Refusals({ stats: { refusals, attempts } }: { readonly stats: DropStats }) {
  const all = refusalsInWords(refusals);
  if (all.length === 0) return <p className={styles.note}>{words.noneRefused}</p>;
  return (
    <div>
      <h3 className={styles.subtitle}>{words.refused}</h3>
      <dl className={styles.refusals}>
        {all.map(({ reason, units }) => (
          <div key={reason} className={styles.refusal}>
            <dt>{reason}</dt>
            <dd>{count(units)}</dd>
            <span className={styles.part} style={{ transform: `scaleX(${Math.min(1, units / attempts)})` }} />
          </div>
        ))}
      </dl>
    </div>
  );
}
