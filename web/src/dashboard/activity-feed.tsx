import { useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { useServerNow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import { STATUS_WORDS } from '../ui/status-tag.js';
import { ago } from '../ui/times.js';
import { createActivityFeed, type Activity } from './activity.js';
import styles from './activity-feed.module.css';

const words = texts.dashboard.activity;

/** The latest changes of all drops. Not a live region: screen readers would announce without end. */
export function ActivityPanel({ nameOf }: { readonly nameOf: (dropId: string) => string | undefined }) {
  const { feed } = useServices();
  const [activityFeed] = useState(() => createActivityFeed(feed));
  const all = useSyncExternalStore(activityFeed.subscribe, activityFeed.all);
  return (
    <section className={styles.panel} aria-labelledby="activity">
      <h2 id="activity" className={styles.title}>
        {words.title}
      </h2>
      {all.length === 0 ? <p className={styles.none}>{words.none}</p> : <List all={all} nameOf={nameOf} />}
    </section>
  );
}

interface ListProps {
  readonly all: readonly Activity[];
  readonly nameOf: (dropId: string) => string | undefined;
}

function List({ all, nameOf }: ListProps) {
  const now = useServerNow(5_000);
  return (
    <ol className={styles.list} aria-labelledby="activity">
      {all.map((each) => (
        <li key={each.id} className={styles.entry} data-kind={each.kind}>
          <span className={styles.what}>
            <Link href={`/drops/${each.dropId}`}>
              <bdi>{nameOf(each.dropId) ?? (each.kind === 'new' ? each.name : words.unnamed)}</bdi>
            </Link>
            {' · '}
            <span>{inWords(each)}</span>
          </span>
          <span className={styles.when}>{ago(now - each.at)}</span>
        </li>
      ))}
    </ol>
  );
}

function inWords(activity: Activity): string {
  switch (activity.kind) {
    case 'held':
      return words.reserved(count(activity.units));
    case 'back':
      return words.backOnSale(count(activity.units));
    case 'restocked':
      return activity.units > 0 ? words.added(count(activity.units)) : words.removed(count(-activity.units));
    case 'bought':
      return boughtInWords(activity.units, activity.names);
    case 'status':
      return STATUS_WORDS[activity.status];
    case 'new':
      return words.created;
  }
}

function boughtInWords(units: number, names: readonly string[]): string {
  if (names.length === 0) return words.sold(count(units));
  const others = units - names.length;
  return others > 0 ? words.boughtWithOthers(names, count(others)) : words.bought(names);
}
