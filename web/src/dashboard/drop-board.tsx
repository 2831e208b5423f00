import { useState } from 'react';
import type { Drop, DropStatus } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { Message } from '../ui/message.js';
import { DropPanel } from './drop-panel.js';
import styles from './drop-board.module.css';
import { Legend } from './legend.js';
import { SPANS, type Span } from './movements-query.js';

const words = texts.dashboard.stock;

/** Active drops first. */
const ORDER: readonly DropStatus[] = ['live', 'sold_out', 'paused', 'scheduled', 'draft', 'ended', 'cancelled'];
const ENDED: readonly DropStatus[] = ['ended', 'cancelled'];

/** The stock of each drop over time. */
export function DropBoard({ drops }: { readonly drops: readonly Drop[] }) {
  const [span, setSpan] = useState<Span>(SPANS[0]);
  const [withEnded, setWithEnded] = useState(false);
  const shown = drops
    .filter(({ status }) => withEnded || !ENDED.includes(status))
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <section aria-labelledby="stock-over-time" className={styles.board}>
      <div className={styles.head}>
        <h2 id="stock-over-time" className={styles.title}>
          {words.title}
        </h2>
        <Legend
          entries={[
            ['ink', words.legend.sold],
            ['hot', words.legend.held],
            ['sunk', words.legend.left],
          ]}
        />
        <fieldset className={styles.spans}>
          <legend className="visually-hidden">{words.range}</legend>
          {SPANS.map((each) => (
            <label key={each.key} className={styles.span}>
              <input
                type="radio"
                name="span"
                checked={each === span}
                onChange={() => {
                  setSpan(each);
                }}
              />
              {words.ranges[each.key].name}
            </label>
          ))}
        </fieldset>
        <label className={styles.over}>
          <input
            type="checkbox"
            checked={withEnded}
            onChange={(event) => {
              setWithEnded(event.target.checked);
            }}
          />
          {words.withEnded}
        </label>
      </div>
      {shown.length === 0 ? (
        <Message title={words.none.title}>{words.none.text}</Message>
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
