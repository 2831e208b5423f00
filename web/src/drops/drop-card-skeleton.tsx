import { Skeleton } from '../ui/loading.js';
import card from './drop-card.module.css';
import styles from './drop-card-skeleton.module.css';

/** Where a drop will stand. */
export function DropCardSkeleton() {
  return (
    <div className={card.ticket}>
      <Skeleton className={styles.picture} />
      <div className={card.stub}>
        <Skeleton className={styles.name} />
        <Skeleton className={styles.count} />
        <Skeleton className={styles.bar} />
        <Skeleton className={styles.action} />
      </div>
    </div>
  );
}
