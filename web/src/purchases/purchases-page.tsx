import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import type { Purchase } from '../api/client.js';
import { explain } from '../api/explain.js';
import { purchasesQuery } from '../api/queries.js';
import { SignedInOnly } from '../auth/signed-in-only.js';
import { useServices } from '../services/services.js';
import { Page } from '../page/page.js';
import { Button, ButtonLink } from '../ui/button.js';
import { date, money } from '../ui/formats.js';
import { Loading } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { readPage, useExistingPage } from '../ui/page-number.js';
import { Pager } from '../ui/pager.js';
import { Picture } from '../ui/picture.js';
import { texts } from '../texts/texts.js';
import styles from './purchases-page.module.css';

const TEXTS = texts.purchases;

export function PurchasesPage() {
  return <Page title={TEXTS.title}>{<SignedInOnly>{(user) => <Purchases userId={user.id} />}</SignedInOnly>}</Page>;
}

function Purchases({ userId }: { readonly userId: string }) {
  const { api } = useServices();
  const [search] = useSearchParams();
  const page = readPage(search);
  const query = useQuery(purchasesQuery(api, userId, page));
  const { data, error, isPlaceholderData, refetch } = query;
  const isThere = useExistingPage(isPlaceholderData ? undefined : data?.meta, hrefOf);
  const isEmpty = data?.purchases.length === 0;
  // An empty list in the cache is not shown as a result while it is fetched again, or when that fails.
  const isKnown = isThere && !isPlaceholderData && (query.isFetchedAfterMount || !query.isFetching);
  if (!error && (!data || (isEmpty && !isKnown))) return <Loading />;
  if (error && (!data || isEmpty)) {
    return (
      <Message
        title={explain(error).title}
        action={<Button onClick={() => void refetch()}>{texts.common.tryAgain}</Button>}
      >
        {TEXTS.failed}
      </Message>
    );
  }
  if (data.meta.totalItems === 0) {
    return (
      <Message title={TEXTS.none.title} action={<ButtonLink href="/">{texts.common.browseDrops}</ButtonLink>}>
        {TEXTS.none.text}
      </Message>
    );
  }
  return (
    <>
      <ul className={styles.purchases}>
        {data.purchases.map((purchase) => (
          <li key={purchase.id}>
            <Receipt purchase={purchase} />
          </li>
        ))}
      </ul>
      <Pager meta={data.meta} hrefOf={hrefOf} />
    </>
  );
}

const hrefOf = (page: number) => (page === 1 ? '/purchases' : `/purchases?page=${page}`);

function Receipt({ purchase }: { readonly purchase: Purchase }) {
  const { Drop: drop, price, createdAt, id } = purchase;
  return (
    <article className={styles.receipt} aria-label={drop.name}>
      <Picture imageUrl={drop.imageUrl} className={styles.picture} />
      <div className={styles.text}>
        <h2 className={styles.name} dir="auto">
          <Link href={`/drops/${drop.id}`}>{drop.name}</Link>
        </h2>
        <p>
          <time dateTime={createdAt}>{date(createdAt)}</time>
        </p>
        <p className={styles.number}>{TEXTS.number(id.slice(-8))}</p>
      </div>
      <p className={styles.price}>{money(price, drop.currency)}</p>
    </article>
  );
}
