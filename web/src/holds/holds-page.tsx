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
import { texts } from '../texts/texts.js';
import styles from './holds-page.module.css';
import { SoundSwitch } from './last-seconds/sound-switch.js';
import { useHolds } from './use-holds.js';

const TEXTS = texts.holds;

export function HoldsPage() {
  return <Page title={TEXTS.title}>{<SignedInOnly>{() => <Holds />}</SignedInOnly>}</Page>;
}

function Holds() {
  const { holds, query } = useHolds();
  if (query.isPending) return <Loading />;
  if (query.error && holds.length === 0) {
    return (
      <Message
        title={explain(query.error).title}
        action={<Button onClick={() => void query.refetch()}>{texts.common.tryAgain}</Button>}
      >
        {TEXTS.failed}
      </Message>
    );
  }
  if (holds.length === 0) {
    return (
      <Message title={TEXTS.none.title} action={<ButtonLink href="/">{texts.common.browseDrops}</ButtonLink>}>
        {TEXTS.none.text}
      </Message>
    );
  }
  return (
    <>
      <SoundSwitch />
      <ul className={styles.holds}>
        {holds.map((hold) => (
          <li key={hold.id}>
            <HeldDrop hold={hold} />
          </li>
        ))}
      </ul>
    </>
  );
}

function HeldDrop({ hold }: { readonly hold: Reservation }) {
  const { api } = useServices();
  const { data: drop, error, refetch } = useQuery(dropQuery(api, hold.dropId));
  if (!drop && error) {
    return (
      <Message
        title={explain(error).title}
        action={<Button onClick={() => void refetch()}>{texts.common.tryAgain}</Button>}
      >
        {TEXTS.oneFailed}
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
        <p className={styles.price}>{money(hold.price ?? drop.price, drop.currency)}</p>
        <HoldPanel hold={hold} drop={drop} />
      </div>
    </article>
  );
}
