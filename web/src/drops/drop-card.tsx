import { memo, useId } from 'react';
import { Link } from 'wouter';
import type { Drop } from '../api/client.js';
import { useDrop } from '../services/use-live.js';
import { money } from '../ui/formats.js';
import { Skeleton } from '../ui/loading.js';
import { Picture } from '../ui/picture.js';
import { StatusTag } from '../ui/status-tag.js';
import { Buyers } from './buyers.js';
import { DropAction } from './drop-action.js';
import skeleton from './drop-card-skeleton.module.css';
import styles from './drop-card.module.css';
import { DropStock } from './drop-stock.js';

interface DropCardProps {
  /** As it was fetched. The card reads the current stock itself, so that a change renders this card alone. */
  readonly fetched: Drop;
  readonly isFirst: boolean;
}

/** A drop as a ticket: its picture, and a stub with the stock and the action. */
export const DropCard = memo(function DropCard({ fetched, isFirst }: DropCardProps) {
  const { drop, freshness } = useDrop(fetched);
  const nameId = useId();
  return (
    <article className={styles.ticket} aria-labelledby={nameId}>
      <div className={styles.face}>
        <Picture imageUrl={drop.imageUrl} isFirst={isFirst} className={styles.picture} />
        <StatusTag status={drop.status} isOld={freshness === 'old'} className={styles.status} />
      </div>
      <div className={styles.stub}>
        <div className={styles.head}>
          <h2 id={nameId} className={styles.name} dir="auto">
            <Link href={`/drops/${drop.id}`} title={drop.name}>
              {drop.name}
            </Link>
          </h2>
          <p className={styles.price}>{money(drop.price)}</p>
        </div>
        <DropStock drop={drop} freshness={freshness} />
        <Buyers drop={drop} isCompact />
        <DropAction drop={drop} freshness={freshness} isCompact />
      </div>
    </article>
  );
});

/** The placeholder of a drop. */
export function DropCardSkeleton() {
  return (
    <div className={styles.ticket}>
      <Skeleton className={skeleton.picture} />
      <div className={styles.stub}>
        <Skeleton className={skeleton.name} />
        <Skeleton className={skeleton.count} />
        <Skeleton className={skeleton.bar} />
        <Skeleton className={skeleton.action} />
      </div>
    </div>
  );
}
