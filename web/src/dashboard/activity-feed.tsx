import { useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { useServerNow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { count } from '../ui/formats.js';
import { STATUS_WORDS } from '../ui/status-tag.js';
import { ago } from '../ui/times.js';
import { createHappenings, type Happening } from './activity.js';
import styles from './activity-feed.module.css';

/** What happens, as it happens: for eyes that rest on it. Read out, it would never end. */
export function HappeningList({ nameOf }: { readonly nameOf: (dropId: string) => string | undefined }) {
  const { feed } = useServices();
  const [happenings] = useState(() => createHappenings(feed));
  const all = useSyncExternalStore(happenings.subscribe, happenings.all);
  return (
    <section className={styles.panel} aria-labelledby="happenings">
      <h2 id="happenings" className={styles.title}>
        What happens
      </h2>
      {all.length === 0 ? (
        <p className={styles.none}>No changes received since you opened this page.</p>
      ) : (
        <List all={all} nameOf={nameOf} />
      )}
    </section>
  );
}

interface ListProps {
  readonly all: readonly Happening[];
  readonly nameOf: (dropId: string) => string | undefined;
}

function List({ all, nameOf }: ListProps) {
  const now = useServerNow(5_000);
  return (
    <ol className={styles.list} aria-labelledby="happenings">
      {all.map((each) => (
        <li key={each.id} className={styles.entry} data-kind={each.kind}>
          <span className={styles.what}>
            <span>{inWords(each)}</span>{' '}
            <Link href={`/drops/${each.dropId}`}>
              <bdi>{nameOf(each.dropId) ?? (each.kind === 'new' ? each.name : 'a drop')}</bdi>
            </Link>
          </span>
          <span className={styles.when}>{ago(now - each.at)}</span>
        </li>
      ))}
    </ol>
  );
}

function inWords(happening: Happening): string {
  switch (happening.kind) {
    case 'held':
      return `${count(happening.units)} put on hold of`;
    case 'back':
      return `${count(happening.units)} back on sale of`;
    case 'restocked':
      return happening.units > 0 ? `${count(happening.units)} more of` : `${count(-happening.units)} fewer of`;
    case 'bought':
      return boughtInWords(happening.units, happening.names);
    case 'status':
      return `${STATUS_WORDS[happening.status]}:`;
    case 'new':
      return 'New:';
  }
}

function boughtInWords(units: number, names: readonly string[]): string {
  if (names.length === 0) return `${count(units)} sold of`;
  const others = units - names.length;
  const who = others > 0 ? `${names.join(', ')} and ${count(others)} more` : names.join(', ');
  return `${who} bought`;
}
