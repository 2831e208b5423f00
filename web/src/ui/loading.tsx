import styles from './loading.module.css';

/** A page is on its way. */
export function Loading() {
  return (
    <p className={styles.loading} role="status">
      <span className="visually-hidden">Loading</span>
    </p>
  );
}

/** Stands where something will be: give it the size of that by its class. */
export function Skeleton({ className }: { readonly className?: string | undefined }) {
  return <span className={`${styles.skeleton ?? ''} ${className ?? ''}`} aria-hidden="true" />;
}
