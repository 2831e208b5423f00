import { useState } from 'react';
import type { Drop } from '../api/client.js';
import { useDrop } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { LoadedDrop } from '../page/loaded-drop.js';
import { Page } from '../page/page.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { count, date, money } from '../ui/formats.js';
import { Picture } from '../ui/picture.js';
import { SoundSwitch } from '../holds/last-seconds/sound-switch.js';
import { useHoldOf } from '../holds/use-holds.js';
import { DropTag } from '../ticket/drop-tag.js';
import { OfferNote } from '../ticket/offer-note.js';
import { timeToBuy } from '../ticket/time-to-buy.js';
import { BuyBar } from './buy-bar.js';
import { Buyers } from '../ticket/buyers.js';
import styles from './drop-page.module.css';
import { Description } from '../ticket/description.js';
import { DropStock } from '../ticket/drop-stock.js';
import { useOffer } from './use-offer.js';

const TEXTS = texts.drops;

/** The page of one drop. */
export function DropPage({ id }: { readonly id: string }) {
  return <LoadedDrop id={id}>{(fetched) => <ShownDrop fetched={fetched} />}</LoadedDrop>;
}

function ShownDrop({ fetched }: { readonly fetched: Drop }) {
  const { drop, freshness } = useDrop(fetched);
  return (
    <Page title={drop.name} aside={<ShareButton name={drop.name} />}>
      <article className={styles.drop} aria-label={drop.name}>
        <div className={styles.face}>
          <Picture imageUrl={drop.imageUrl} isFirst />
          <DropTag drop={drop} isOld={freshness === 'old'} className={styles.status} />
        </div>
        <div className={styles.stub}>
          <p className={styles.price}>{money(drop.price, drop.currency)}</p>
          <DropStock drop={drop} freshness={freshness} />
          <div className={styles.offer}>
            <BuyBar drop={drop} freshness={freshness} />
            <AboutOffer drop={drop} />
          </div>
          <section>
            <h2 className={styles.label}>{TEXTS.latestBuyers}</h2>
            <Buyers drop={drop} />
          </section>
          <Details drop={drop} />
        </div>
      </article>
      {drop.description !== null && (
        <section className={styles.about}>
          <h2 className={styles.label}>{texts.drops.description}</h2>
          <Description text={drop.description} />
        </section>
      )}
    </Page>
  );
}

/** What to know about the button: the limit, what the user owns, and the time to buy; while holding, the sound. */
function AboutOffer({ drop }: { readonly drop: Drop }) {
  const hold = useHoldOf(drop.id);
  const offer = useOffer(drop);
  if (hold) return <SoundSwitch />;
  const canReserve = ['reserve', 'sign-in', 'opens', 'all-held'].includes(offer.offer);
  return (
    <div>
      {canReserve && <p>{TEXTS.timeToBuy(timeToBuy(drop.holdSeconds))}</p>}
      <OfferNote drop={drop} {...offer} />
    </div>
  );
}

function Details({ drop }: { readonly drop: Drop }) {
  const { limitPerUser, soldStock, dropStartsAt, dropEndsAt } = drop;
  const facts = [
    [TEXTS.facts.sold, count(soldStock)],
    [TEXTS.facts.limit, limitPerUser === null ? TEXTS.facts.noLimit : texts.ticket.perPerson(count(limitPerUser))],
    [TEXTS.facts.opens, date(dropStartsAt)],
    [TEXTS.facts.ends, dropEndsAt === null ? TEXTS.facts.untilSoldOut : date(dropEndsAt)],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className={styles.label}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Shares the URL of this page: with the share dialog of the device, or as a copy in the clipboard. */
function ShareButton({ name }: { readonly name: string }) {
  const { notices } = useServices();
  const [link, setLink] = useState<string | null>(null);
  async function share() {
    const { href: url } = window.location;
    // Neither is available on a page that was loaded over plain HTTP from another machine.
    const device: Partial<Navigator> = navigator;
    try {
      if (device.share) await device.share({ title: name, url });
      else if (device.clipboard) {
        await device.clipboard.writeText(url);
        notices.show({ tone: 'good', title: TEXTS.share.copied, text: url });
      } else setLink(url);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) setLink(url);
    }
  }
  if (link !== null) {
    return (
      <input
        className={styles.link}
        aria-label={TEXTS.share.link}
        readOnly
        value={link}
        onFocus={(e) => {
          e.target.select();
        }}
      />
    );
  }
  return (
    <Button look="quiet" onClick={() => void share()}>
      {TEXTS.share.label}
    </Button>
  );
}
