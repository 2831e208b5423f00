import { Link } from 'wouter';
import type { Drop } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { count } from '../ui/formats.js';
import styles from './offer-note.module.css';
import type { Offer } from './offer.js';

const TEXTS = texts.ticket;

interface OfferNoteProps {
  readonly drop: Pick<Drop, 'name' | 'limitPerUser'>;
  readonly offer: Offer;
  /** Units that the user has bought. */
  readonly owned: number;
}

/** One line about the offer: why nothing more can be reserved, what the user owns, or the limit. It keeps its place when empty. */
export function OfferNote({ drop, offer, owned }: OfferNoteProps) {
  const { name, limitPerUser } = drop;
  return (
    <p className={styles.note}>
      {offer === 'limit-reached' && limitPerUser !== null ? (
        TEXTS.limitReached(limitPerUser, count(limitPerUser))
      ) : owned > 0 ? (
        <Link href="/purchases" aria-label={texts.common.of(TEXTS.owned(count(owned)), name)}>
          {TEXTS.owned(count(owned))}
        </Link>
      ) : offer === 'all-held' ? (
        TEXTS.updatesLive
      ) : (
        limitPerUser !== null && TEXTS.limit(count(limitPerUser))
      )}
    </p>
  );
}
