import { useEffect, useEffectEvent, useId, useState } from 'react';
import styles from './search-field.module.css';

/** Search this long after the last key. */
const SEARCH_DELAY_MS = 300;

interface SearchFieldProps {
  readonly label: string;
  /** The search text of the URL. */
  readonly q: string;
  /** Called with another text, without spaces at its ends, when the user has stopped typing. */
  readonly onSearch: (q: string) => void;
}

/** A field that searches while the user types. */
export function SearchField({ label, q, onSearch }: SearchFieldProps) {
  const id = useId();
  const [text, setText] = useState(q);
  const [seen, setSeen] = useState(q);
  // The URL changed, by a link or the browser's back: take its search text, unless it only repeats what was typed.
  if (q !== seen) {
    setSeen(q);
    if (q !== text.trim()) setText(q);
  }
  const search = useEffectEvent(() => {
    if (text.trim() !== q) onSearch(text.trim());
  });
  useEffect(() => {
    const timer = setTimeout(() => {
      search();
    }, SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <search className={styles.field}>
      <label className="visually-hidden" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="search"
        className={styles.search}
        placeholder={label}
        maxLength={200}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
    </search>
  );
}
