import { useEffect, useId, useState } from 'react';
import { Buyers } from '../../ticket/buyers.js';
import { Description } from '../../ticket/description.js';
import { DropStock } from '../../ticket/drop-stock.js';
import { OfferButton } from '../../ticket/offer-button.js';
import { offerOf } from '../../ticket/offer.js';
import { Ticket } from '../../ticket/ticket.js';
import { texts } from '../../texts/texts.js';
import styles from './drop-preview.module.css';
import type { PreviewedDrop } from './previewed-drop.js';

/** A picture is loaded when its URL has not changed for so long: parts of a URL would be requests to other servers. */
const SETTLE_MS = 600;

/** The ticket of a drop as buyers will see it. It has no controls, and screen readers leave it out: the form says the same. */
export function DropPreview({ drop }: { readonly drop: PreviewedDrop }) {
  const nameId = useId();
  const imageUrl = useSettled(drop.imageUrl);
  return (
    <div className={styles.preview} inert>
      <p className={styles.title}>{texts.admin.preview}</p>
      <div className={styles.ticket}>
        <Ticket drop={{ ...drop, imageUrl }} nameId={nameId} name={<span>{drop.name}</span>}>
          <DropStock drop={drop} freshness="live" />
          <Buyers drop={drop} isCompact />
          <OfferButton
            drop={drop}
            offer={offerOf({ drop: { ...drop, limitPerUser: null }, isSignedIn: true, owned: 0 })}
          />
        </Ticket>
      </div>
      {drop.description !== null && <Description text={drop.description} className={styles.description} />}
    </div>
  );
}

/** The value, when it has not changed for a while. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return settled;
}
