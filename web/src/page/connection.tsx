import { useFeedStatus } from '../services/use-live.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import styles from './connection.module.css';

/** The state of the live updates: whether the numbers of the page are current. */
export function Connection() {
  const status = useFeedStatus();
  const { word, meaning } = texts.page.connection[status];
  return (
    <p className={classNames(styles.connection, styles[status])} role="status" title={meaning}>
      <span className={styles.dot} aria-hidden="true" />
      <span className="visually-hidden">{texts.page.connection.label} </span>
      <span>{word}</span>
    </p>
  );
}
