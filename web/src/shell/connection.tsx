import { useFeedStatus } from '../services/use-live.js';
import { classNames } from '../ui/class-names.js';
import styles from './connection.module.css';

const WORDS = {
  live: ['Live', 'Every number is how it stands now.'],
  connecting: ['Connecting', 'The live updates are about to begin.'],
  stale: ['Out of date', 'The server has not answered for a while. Numbers may be old.'],
  reconnecting: ['Reconnecting', 'The connection is lost. Numbers are from before.'],
  offline: ['Offline', 'This device has no network. Numbers are from before.'],
  refused: ['Signed out', 'The server does not take this session any more.'],
  closed: ['Closed', 'The live updates have ended. Load the page again.'],
} as const;

/** Says whether the numbers on the page are how things stand. */
export function Connection() {
  const status = useFeedStatus();
  const [word, meaning] = WORDS[status];
  return (
    <p className={classNames(styles.connection, styles[status])} role="status" title={meaning}>
      <span className={styles.dot} aria-hidden="true" />
      <span className="visually-hidden">Live updates: </span>
      <span>{word}</span>
    </p>
  );
}
