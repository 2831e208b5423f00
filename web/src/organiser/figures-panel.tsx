import { useQuery } from '@tanstack/react-query';
import type { Drop } from '../api/client.js';
import { NotLoaded } from '../page/not-loaded.js';
import { useServices } from '../services/services.js';
import { classNames } from '../ui/class-names.js';
import { count, money, percent } from '../ui/formats.js';
import { inShort } from '../ui/times.js';
import styles from './figures-panel.module.css';
import { statsQuery, type DropStats } from './organiser-queries.js';
import { Panel } from './panel.js';
import { refusalsInWords } from './refusal-words.js';

interface FiguresPanelProps {
  readonly drop: Drop;
  readonly isOld: boolean;
}

/** How a drop sells. */
export function FiguresPanel({ drop, isOld }: FiguresPanelProps) {
  const { api } = useServices();
  const { data, error, refetch } = useQuery(statsQuery(api, drop.id));
  return (
    <Panel id="figures" title="Figures">
      {data ? (
        <div className={classNames(styles.panel, (isOld || error) && styles.old)}>
          {(isOld || error) && <p className={styles.note}>Last known: the connection was lost.</p>}
          <dl className={styles.figures}>
            {figuresOf(data).map(([name, value, note]) => (
              <div key={name} className={styles.figure}>
                <dt>{name}</dt>
                <dd className={styles.value}>{value}</dd>
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

const NONE = '–';

/** Name, value and explanation of each figure. */
function figuresOf(stats: DropStats): [name: string, value: string, note?: string][] {
  const { completed, revenue, conversion, medianSecondsToPurchase, peakReservationsPerSecond, attempts } = stats;
  return [
    ['Revenue', money(revenue), `${count(completed)} sold`],
    ['Conversion', conversion === null ? NONE : percent(conversion), `of ${count(stats.holds - stats.active)} ended`],
    ['Time to purchase', medianSecondsToPurchase === null ? NONE : inShort(medianSecondsToPurchase * 1_000), 'median'],
    ['Peak', count(peakReservationsPerSecond), 'reservations in a second'],
    ['Attempts', count(attempts), 'to reserve'],
    ['Expired', count(stats.expired), `${count(stats.released)} released`],
  ];
}

/** Why reservations were refused. */
function Refusals({ stats: { refusals, attempts } }: { readonly stats: DropStats }) {
  const all = refusalsInWords(refusals);
  if (all.length === 0) return <p className={styles.note}>No reservation was refused.</p>;
  return (
    <div>
      <h3 className={styles.subtitle}>Refused</h3>
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
