import { Link, useSearchParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { Buyers } from './buyers.js';
import styles from './drop-lists.module.css';
import { History } from './history.js';
import { Holds } from './holds.js';
import { Panel } from './panel.js';
import { hrefOf, LISTS, readSelection, type List } from './selection.js';

const NAMES: Readonly<Record<List, string>> = { holds: 'Reservations', buyers: 'Buyers', history: 'History' };

interface DropListsProps {
  readonly drop: Drop;
  /** The connection is lost: what is shown may have changed. */
  readonly isOld: boolean;
}

/** The reservations, the buyers or the history of a drop, as the URL says. */
export function DropLists({ drop, isOld }: DropListsProps) {
  const [search] = useSearchParams();
  const selection = readSelection(search);
  const { list, page = 1 } = selection;
  return (
    <Panel id="lists" title={NAMES[list]} isTitleHidden>
      <nav aria-label="Lists of this drop">
        <ul className={styles.tabs}>
          {LISTS.map((each) => (
            <li key={each}>
              <Link
                href={hrefOf(drop.id, { list: each, ...(each === 'holds' && { status: 'active' }) })}
                className={styles.tab}
                aria-current={each === list ? 'true' : undefined}
              >
                {NAMES[each]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {list === 'holds' && <Holds drop={drop} isOld={isOld} selection={selection} />}
      {list === 'buyers' && <Buyers drop={drop} isOld={isOld} selection={selection} />}
      {list === 'history' && <History drop={drop} isOld={isOld} page={page} />}
    </Panel>
  );
}
