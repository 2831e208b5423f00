import { memo, useId } from 'react';
import { Link } from 'wouter';
import type { Drop } from '../api/client.js';
import { useDrop } from '../services/use-live.js';
import { Buyers } from '../ticket/buyers.js';
import { DropStock } from '../ticket/drop-stock.js';
import { Ticket } from '../ticket/ticket.js';
import { OfferNote } from '../ticket/offer-note.js';
import { DropAction } from './drop-action.js';
import styles from './drop-card.module.css';
import { useOffer } from './use-offer.js';

interface DropCardProps {
  /** As it was fetched. The card reads the current stock itself, so that a change renders this card alone. */
  readonly fetched: Drop;
  readonly isFirst: boolean;
}

/** A drop in the list, with its action. */
export const DropCard = memo(function DropCard({ fetched, isFirst }: DropCardProps) {
  const { drop, freshness } = useDrop(fetched);
  const offer = useOffer(drop);
  const nameId = useId();
  const link = (
    <Link href={`/drops/${drop.id}`} title={drop.name}>
      {drop.name}
    </Link>
  );
  return (
    <Ticket drop={drop} isOld={freshness === 'old'} isFirst={isFirst} nameId={nameId} name={link}>
      <DropStock drop={drop} freshness={freshness} />
      <Buyers drop={drop} isCompact />
      <div className={styles.offer}>
        <DropAction drop={drop} freshness={freshness} isCompact />
        <OfferNote drop={drop} {...offer} />
      </div>
    </Ticket>
  );
});
