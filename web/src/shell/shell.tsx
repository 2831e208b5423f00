import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import { SessionEnd } from '../auth/session-end.js';
import { HoldBar } from '../holds/hold-bar.js';
import { HoldWatch } from '../holds/hold-watch.js';
import { useServices } from '../services/services.js';
import { NavigationTypeProvider, useNavigationType } from '../page/navigation-type.js';
import { texts } from '../texts/texts.js';
import { Header } from './header.js';
import { NoticeList } from './notice-list.js';
import { ReserveAfterSignIn, SignInToReserve } from './sign-in-to-reserve.js';
import styles from './shell.module.css';

interface ShellProps {
  /** The page fills the screen: without header, footer and cart. */
  readonly isBare: boolean;
  readonly children: ReactNode;
}

/** The frame around every page. Components that show answers of the API are remounted for each identity. */
export function Shell({ isBare, children }: ShellProps) {
  const { key } = useServices();
  return (
    <NavigationTypeProvider value={useNavigationType()}>
      {isBare ? (
        <main className={styles.bare}>
          <Fragment key={key}>{children}</Fragment>
        </main>
      ) : (
        <Frame>{children}</Frame>
      )}
      <SessionEnd />
      <SignInToReserve />
      <NoticeList />
    </NavigationTypeProvider>
  );
}

function Frame({ children }: Pick<ShellProps, 'children'>) {
  const { claim, label, help, terms } = texts.shell.footer;
  const { key } = useServices();
  return (
    <>
      <a href="#main" className={styles.skip}>
        {texts.shell.skip}
      </a>
      <Header />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Fragment key={key}>{children}</Fragment>
      </main>
      <footer className={styles.footer}>
        <p>{claim}</p>
        <nav aria-label={label}>
          <ul className={styles.links}>
            <li>
              <Link href="/help">{help}</Link>
            </li>
            <li>
              <Link href="/terms">{terms}</Link>
            </li>
          </ul>
        </nav>
      </footer>
      <Fragment key={key}>
        <HoldBar />
        <HoldWatch />
        <ReserveAfterSignIn />
      </Fragment>
    </>
  );
}
