import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Drop } from '../api/client.js';
import { explain, explainCode } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { DROP_REFRESH_MS, dropQuery } from '../api/queries.js';
import { useDrop, useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { Page } from '../page/page.js';
import { Button, ButtonLink } from '../ui/button.js';
import { count, date, money } from '../ui/formats.js';
import { Loading } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { Picture } from '../ui/picture.js';
import { StatusTag } from '../ui/status-tag.js';
import { inWords } from '../ui/times.js';
import { BuyBar } from './buy-bar.js';
import { Buyers } from './buyers.js';
import styles from './drop-page.module.css';
import { DropStock } from './drop-stock.js';

/** The page of one drop. */
export function DropPage({ id }: { readonly id: string }) {
  const { api } = useServices();
  const query = useQuery({ ...dropQuery(api, id), refetchInterval: DROP_REFRESH_MS });
  // No event covers a deleted drop: the API answers that it was not found.
  const isUnknown = isProblemOf(query.error, 'drop-not-found') || isProblemOf(query.error, 'validation-failed');
  useFollow(query.data && !isUnknown ? [query.data.id] : []);
  if (query.data && !isUnknown) return <LoadedDrop fetched={query.data} />;
  if (!query.error) {
    return (
      <Page title="Drop">
        <Loading />
      </Page>
    );
  }
  return (
    <Page title="Drop">
      <Message
        title={isUnknown ? explainCode('drop-not-found').title : explain(query.error).title}
        action={
          isUnknown ? (
            <ButtonLink href="/">See all drops</ButtonLink>
          ) : (
            <Button onClick={() => void query.refetch()}>Try again</Button>
          )
        }
      >
        {isUnknown ? explainCode('drop-not-found').text : 'The drop could not be loaded.'}
      </Message>
    </Page>
  );
}

function LoadedDrop({ fetched }: { readonly fetched: Drop }) {
  const { drop, freshness } = useDrop(fetched);
  return (
    <Page title={drop.name} aside={<ShareButton name={drop.name} />}>
      <article className={styles.drop} aria-label={drop.name}>
        <div className={styles.face}>
          <Picture imageUrl={drop.imageUrl} isFirst />
          <StatusTag status={drop.status} isOld={freshness === 'old'} className={styles.status} />
        </div>
        <div className={styles.stub}>
          <p className={styles.price}>{money(drop.price)}</p>
          <DropStock drop={drop} freshness={freshness} />
          <BuyBar drop={drop} freshness={freshness} />
          <section>
            <h2 className={styles.label}>Latest buyers</h2>
            <Buyers drop={drop} />
          </section>
          <Details drop={drop} />
        </div>
      </article>
    </Page>
  );
}

function Details({ drop }: { readonly drop: Drop }) {
  const { limitPerUser, holdSeconds, soldStock, dropStartsAt, dropEndsAt } = drop;
  const facts = [
    ['Sold', count(soldStock)],
    ['Limit per customer', limitPerUser === null ? 'no limit' : count(limitPerUser)],
    ['After reserving', `${inWords(holdSeconds * 1_000)} to buy`],
    ['Opens', date(dropStartsAt)],
    ['Ends', dropEndsAt === null ? 'when sold out' : date(dropEndsAt)],
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
        notices.show({ tone: 'good', title: 'Link copied', text: url });
      } else setLink(url);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) setLink(url);
    }
  }
  if (link !== null) {
    return (
      <input
        className={styles.link}
        aria-label="Link to this drop"
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
      Share
    </Button>
  );
}
