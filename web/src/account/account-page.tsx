import { useQuery } from '@tanstack/react-query';
import { explain } from '../api/explain.js';
import { profileQuery } from '../api/queries.js';
import { SignedInOnly } from '../auth/signed-in-only.js';
import type { User } from '../auth/use-auth.js';
import { Page } from '../page/page.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { day } from '../ui/formats.js';
import styles from './account-page.module.css';
import { ChangePassword } from './change-password.js';
import { CloseAccount } from './close-account.js';
import { DownloadData } from './download-data.js';
import { SignOutEverywhere } from './sign-out-everywhere.js';

/** The user's own account: its details, its password, its sessions, its data, and its end. */
export function AccountPage() {
  return (
    <Page title={texts.account.title}>
      <SignedInOnly>
        {(user) => (
          <div className={styles.columns}>
            <div className={styles.column}>
              <Details user={user} />
              <SignOutEverywhere />
              <DownloadData user={user} />
            </div>
            <div className={styles.column}>
              <ChangePassword email={user.email} />
              <CloseAccount email={user.email} />
            </div>
          </div>
        )}
      </SignedInOnly>
    </Page>
  );
}

function Details({ user }: { readonly user: User }) {
  const words = texts.account.details;
  const { api } = useServices();
  const { data, error, refetch } = useQuery(profileQuery(api, user.id));
  const facts = [
    [texts.common.userName, user.username],
    [texts.common.email, user.email],
    [words.memberSince, data ? day(data.createdAt) : words.notLoaded],
  ] as const;
  return (
    <section className={styles.card} aria-labelledby="details">
      <h2 id="details" className={styles.title}>
        {words.title}
      </h2>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
      {error && (
        <p>
          <span>{texts.common.sentence(explain(error).title)}</span>{' '}
          <Button look="quiet" onClick={() => void refetch()}>
            {texts.common.tryAgain}
          </Button>
        </p>
      )}
      <p className={styles.note}>{words.note}</p>
    </section>
  );
}
