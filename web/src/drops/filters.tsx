import { useEffect, useEffectEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { STATUS_WORDS } from '../ui/status-tag.js';
import styles from './filters.module.css';
import { hrefOf, STATUSES, type Selection } from './selection.js';

/** Search this long after the last key. */
const SEARCH_DELAY_MS = 300;

interface FiltersProps {
  readonly selection: Selection;
  /** Number of drops found; undefined: not known yet. */
  readonly found: number | undefined;
}

/** Filters the list by state and name. */
export function Filters({ selection, found }: FiltersProps) {
  const { status, q } = selection;
  return (
    <div className={styles.filters}>
      <nav aria-label="Filter by state">
        <ul className={styles.states}>
          {[undefined, ...STATUSES].map((state) => (
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
      <Search selection={selection} />
      <p className={styles.found} role="status">
        {found === undefined ? '' : found === 1 ? '1 drop' : `${found} drops`}
      </p>
    </div>
  );
}

function Search({ selection }: { readonly selection: Selection }) {
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
