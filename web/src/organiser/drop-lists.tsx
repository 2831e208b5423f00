import { Link, useSearchParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { Buyers } from './buyers.js';
import styles from './drop-lists.module.css';
import { History } from './history.js';
import { Holds } from './holds.js';
import { Panel } from './panel.js';
import { hrefOf, LISTS, readSelection } from './selection.js';

const words = texts.organiser.lists;

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
    <Panel id="lists" title={words[list]} isTitleHidden>
      <nav aria-label={words.label}>
        <ul className={styles.tabs}>
          {LISTS.map((each) => (
            <li key={each}>
              <Link
                href={hrefOf(drop.id, { list: each, ...(each === 'holds' && { status: 'active' }) })}
                className={styles.tab}
                aria-current={each === list ? 'true' : undefined}
              >
                {words[each]}
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
