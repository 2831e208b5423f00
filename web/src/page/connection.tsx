import { useFeedStatus } from '../services/use-live.js';
import { classNames } from '../ui/class-names.js';
import styles from './connection.module.css';

const WORDS = {
  live: ['Live', 'Every number is current.'],
  connecting: ['Connecting', 'Live updates are about to start.'],
  stale: ['Out of date', 'The server has not answered for a while. Numbers may be old.'],
  reconnecting: ['Reconnecting', 'The connection was lost. Numbers may be old.'],
  offline: ['Offline', 'This device has no network. Numbers may be old.'],
  refused: ['Signed out', 'The server no longer accepts this session.'],
  closed: ['Closed', 'Live updates have ended. Reload the page.'],
} as const;

/** The state of the live updates: whether the numbers of the page are current. */
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
