import { useState } from 'react';
import type { Drop, DropStatus } from '../api/client.js';
import { Message } from '../ui/message.js';
import { DropPanel } from './drop-panel.js';
import styles from './drop-board.module.css';
import { Legend } from './legend.js';
import { SPANS, type Span } from './spans.js';

/** What moves, or is about to, before what is over. */
const ORDER: readonly DropStatus[] = ['live', 'sold_out', 'paused', 'scheduled', 'ended', 'cancelled'];
const OVER: readonly DropStatus[] = ['ended', 'cancelled'];

/** How the stock of each drop went. */
export function DropBoard({ drops }: { readonly drops: readonly Drop[] }) {
  const [span, setSpan] = useState<Span>(SPANS[0]);
  const [withOver, setWithOver] = useState(false);
  const shown = drops
    .filter(({ status }) => withOver || !OVER.includes(status))
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <section aria-labelledby="stock-over-time" className={styles.board}>
      <div className={styles.head}>
        <h2 id="stock-over-time" className={styles.title}>
          Stock over time
        </h2>
        <Legend
          entries={[
            ['ink', 'sold'],
            ['hot', 'on hold'],
            ['sunk', 'free'],
          ]}
        />
        <fieldset className={styles.spans}>
          <legend className="visually-hidden">How far back</legend>
          {SPANS.map((each) => (
            <label key={each.name} className={styles.span}>
              <input
                type="radio"
                name="span"
                checked={each === span}
                onChange={() => {
                  setSpan(each);
                }}
              />
              {each.name}
            </label>
          ))}
        </fieldset>
        <label className={styles.over}>
          <input
            type="checkbox"
            checked={withOver}
            onChange={(event) => {
              setWithOver(event.target.checked);
            }}
          />
          Those that are over, too
        </label>
      </div>
      {shown.length === 0 ? (
        <Message title="There is nothing to watch">No drop is open, and none is about to be.</Message>
      ) : (
        <ul className={styles.panels}>
          {shown.map((drop) => (
            <li key={drop.id} className={styles.item}>
              <DropPanel fetched={drop} span={span} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
