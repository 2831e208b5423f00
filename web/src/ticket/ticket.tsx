import type { ReactNode } from 'react';
import type { Drop } from '../api/client.js';
import { money } from '../ui/formats.js';
import { Skeleton } from '../ui/loading.js';
import { Picture } from '../ui/picture.js';
import skeleton from './ticket-skeleton.module.css';
import { DropTag } from './drop-tag.js';
import styles from './ticket.module.css';

interface TicketProps {
  readonly drop: Pick<Drop, 'imageUrl' | 'status' | 'reservedStock' | 'price' | 'currency'>;
  /** The current state is not known. */
  readonly isOld?: boolean;
  /** On the first screen: its picture is loaded first. */
  readonly isFirst?: boolean;
  /** Id of the heading. */
  readonly nameId: string;
  /** The name, or a link with it. */
  readonly name: ReactNode;
  /** The stock and the action. */
  readonly children: ReactNode;
}

/** A drop as a ticket: its picture, and a stub with the stock and the action. */
export function Ticket({ drop, isOld = false, isFirst = false, nameId, name, children }: TicketProps) {
  return (
    <article className={styles.ticket} aria-labelledby={nameId}>
      <div className={styles.face}>
        <Picture imageUrl={drop.imageUrl} isFirst={isFirst} className={styles.picture} />
        <DropTag drop={drop} isOld={isOld} className={styles.status} />
      </div>
      <div className={styles.stub}>
        <div className={styles.head}>
          <h2 id={nameId} className={styles.name} dir="auto">
            {name}
          </h2>
          <p className={styles.price}>{money(drop.price, drop.currency)}</p>
        </div>
        {children}
      </div>
    </article>
  );
}

/** The placeholder of a ticket. */
export function TicketSkeleton() {
  return (
    <div className={styles.ticket}>
      <Skeleton className={skeleton.picture} />
      <div className={styles.stub}>
        <Skeleton className={skeleton.name} />
        <Skeleton className={skeleton.count} />
        <Skeleton className={skeleton.bar} />
        <Skeleton className={skeleton.action} />
        <Skeleton className={skeleton.note} />
      </div>
    </div>
  );
}
