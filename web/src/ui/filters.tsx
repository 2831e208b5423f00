import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { DropStatus } from '../api/client.js';
import { texts } from '../texts/texts.js';
import styles from './filters.module.css';
import { count } from './formats.js';
import { LinkPills } from './link-pills.js';
import { SearchField } from './search-field.js';
import type { Selection } from './selection.js';

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
  const words = texts.ui.filters;
  const [, navigate] = useLocation();
  const { status, q = '' } = selection;
  return (
    <div className={styles.filters}>
      <LinkPills
        label={words.label}
        links={[undefined, ...statuses].map((state) => ({
          href: hrefOf({ ...(state && { status: state }), ...(q && { q }) }),
          label: state ? texts.ui.status[state] : words.all,
          isCurrent: state === status,
        }))}
      />
      <SearchField
        label={words.search}
        q={q}
        onSearch={(wanted) => {
          navigate(hrefOf({ ...(status && { status }), ...(wanted && { q: wanted }) }), { replace: true });
        }}
      />
      {children}
      <p className={styles.found} role="status">
        {found === undefined ? '' : words.found(found, count(found))}
      </p>
    </div>
  );
}
