import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Reservation } from '../api/client.js';
import { explain } from '../api/explain.js';
import { dropQuery } from '../api/queries.js';
import { SignedInOnly } from '../auth/signed-in-only.js';
import { useServices } from '../services/services.js';
import { Page } from '../page/page.js';
import { Button, ButtonLink } from '../ui/button.js';
import { money } from '../ui/formats.js';
import { Loading } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { Picture } from '../ui/picture.js';
import { HoldPanel } from './hold-panel.js';
import styles from './holds-page.module.css';
import { useHolds } from './use-holds.js';

export function HoldsPage() {
  return <Page title="Cart">{<SignedInOnly>{() => <Holds />}</SignedInOnly>}</Page>;
}

function Holds() {
  const { holds, query } = useHolds();
  if (query.isPending) return <Loading />;
  if (query.error && holds.length === 0) {
    return (
      <Message
        title={explain(query.error).title}
        action={<Button onClick={() => void query.refetch()}>Try again</Button>}
      >
        Your cart could not be loaded.
      </Message>
    );
  }
  if (holds.length === 0) {
    return (
      <Message title="Your cart is empty" action={<ButtonLink href="/">See all drops</ButtonLink>}>
        What you reserve is kept here until its time runs out.
      </Message>
    );
  }
  return (
    <ul className={styles.holds}>
      {holds.map((hold) => (
        <li key={hold.id}>
          <HeldDrop hold={hold} />
        </li>
      ))}
    </ul>
  );
}

function HeldDrop({ hold }: { readonly hold: Reservation }) {
  const { api } = useServices();
  const { data: drop, error, refetch } = useQuery(dropQuery(api, hold.dropId));
  if (!drop && error) {
    return (
      <Message title={explain(error).title} action={<Button onClick={() => void refetch()}>Try again</Button>}>
        This reservation could not be loaded.
      </Message>
    );
  }
  if (!drop) return <Loading />;
  return (
    <article className={styles.held} aria-label={drop.name}>
      <Picture imageUrl={drop.imageUrl} className={styles.picture} isFirst />
      <div className={styles.stub}>
        <h2 className={styles.name} dir="auto">
          <Link href={`/drops/${drop.id}`}>{drop.name}</Link>
        </h2>
        <p className={styles.price}>{money(hold.price ?? drop.price)}</p>
        <HoldPanel hold={hold} drop={drop} />
      </div>
    </article>
  );
}
