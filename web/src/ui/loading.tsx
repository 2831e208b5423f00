import { texts } from '../texts/texts.js';
import styles from './loading.module.css';

/** Shown while a page loads. */
export function Loading() {
  return (
    <p className={styles.loading} role="status">
      <span className="visually-hidden">{texts.common.loading}</span>
    </p>
  );
}

/** A placeholder: the class gives it the size of the content. */
export function Skeleton({ className }: { readonly className?: string | undefined }) {
  return <span className={`${styles.skeleton ?? ''} ${className ?? ''}`} aria-hidden="true" />;
}
