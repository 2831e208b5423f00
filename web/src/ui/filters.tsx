import { useEffect, useEffectEvent, useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { DropStatus } from '../api/client.js';
import styles from './filters.module.css';
import type { Selection } from './selection.js';
import { STATUS_WORDS } from './status-tag.js';

/** Search this long after the last key. */
const SEARCH_DELAY_MS = 300;

interface FiltersProps<Status extends DropStatus> {
  /** In the order of the filters. */
  readonly statuses: readonly Status[];
  readonly selection: Selection<Status>;
  /** The URL of a selection. */
  readonly hrefOf: (selection: Selection<Status>) => string;
  /** Number of drops found; undefined: not known yet. */
  readonly found: number | undefined;
  /** Further controls. */
  readonly children?: ReactNode;
}

/** Filters a list of drops by state and name. */
export function Filters<Status extends DropStatus>(props: FiltersProps<Status>) {
  const { statuses, selection, hrefOf, found, children } = props;
  const { status, q } = selection;
  return (
    <div className={styles.filters}>
      <nav aria-label="Filter by state">
        <ul className={styles.states}>
          {[undefined, ...statuses].map((state) => (
            <li key={state ?? 'all'}>
              <Link
                href={hrefOf({ ...(state && { status: state }), ...(q && { q }) })}
                className={styles.state}
                aria-current={state === status ? 'true' : undefined}
              >
                {state ? STATUS_WORDS[state] : 'All'}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Search selection={selection} hrefOf={hrefOf} />
      {children}
      <p className={styles.found} role="status">
        {found === undefined ? '' : found === 1 ? '1 drop' : `${found} drops`}
      </p>
    </div>
  );
}

type SearchProps<Status extends DropStatus> = Pick<FiltersProps<Status>, 'selection' | 'hrefOf'>;

function Search<Status extends DropStatus>({ selection, hrefOf }: SearchProps<Status>) {
  const [, navigate] = useLocation();
  const { status, q = '' } = selection;
  const [text, setText] = useState(q);
  const [seen, setSeen] = useState(q);
  // The URL changed, by a link or the browser's back: take its search text, unless it only repeats what was typed.
  if (q !== seen) {
    setSeen(q);
    if (q !== text.trim()) setText(q);
  }
  const show = useEffectEvent(() => {
    const wanted = text.trim();
    if (wanted !== q) navigate(hrefOf({ ...(status && { status }), ...(wanted && { q: wanted }) }), { replace: true });
  });
  useEffect(() => {
    const timer = setTimeout(() => {
      show();
    }, SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <search>
      <label className="visually-hidden" htmlFor="search">
        Search by name
      </label>
      <input
        id="search"
        type="search"
        className={styles.search}
        placeholder="Search by name"
        maxLength={200}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
    </search>
  );
}
