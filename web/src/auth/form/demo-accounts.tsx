import { texts } from '../../texts/texts.js';
import { Button } from '../../ui/button.js';
import styles from './demo-accounts.module.css';

export interface DemoAccount {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

/** The demo accounts, which the service writes into the page in development; elsewhere none. */
export function readDemoAccounts(page: Document): readonly DemoAccount[] {
  const content = page.querySelector<HTMLMetaElement>('meta[name="demo-accounts"]')?.content;
  return content ? (JSON.parse(content) as DemoAccount[]) : [];
}

interface DemoAccountsProps {
  readonly accounts: readonly DemoAccount[];
  readonly onPick: (account: DemoAccount) => void;
}

/** Signs in with a demo account, by one click. */
export function DemoAccounts({ accounts, onPick }: DemoAccountsProps) {
  return (
    <section className={styles.accounts} aria-labelledby="demo-accounts">
      <h2 id="demo-accounts" className={styles.title}>
        {texts.auth.demoAccounts}
      </h2>
      <ul className={styles.list}>
        {accounts.map((account) => (
          <li key={account.email}>
            <Button
              look="quiet"
              aria-label={texts.auth.useDemoAccount(account.username)}
              onClick={() => {
                onPick(account);
              }}
            >
              {account.username}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
