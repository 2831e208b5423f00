import { Link, useRoute } from 'wouter';
import { useAuth } from '../auth/use-auth.js';
import { texts } from '../texts/texts.js';
import { Account } from './account.js';
import { Connection } from '../page/connection.js';
import styles from './header.module.css';

export function Header() {
  const words = texts.shell.nav;
  const { user, isAdmin } = useAuth();
  return (
    <header className={styles.header}>
      <div className={styles.row}>
        <Link href="/" className={styles.home} aria-label={texts.shell.home}>
          <Wordmark />
        </Link>
        <div className={styles.state}>
          <Connection />
          <Account />
        </div>
        <nav className={styles.nav} aria-label={words.label}>
          <ul className={styles.links}>
            <NavLink href="/">{words.drops}</NavLink>
            {user && <NavLink href="/holds">{words.holds}</NavLink>}
            {user && <NavLink href="/purchases">{words.purchases}</NavLink>}
            <NavLink href="/dashboard">{words.dashboard}</NavLink>
            {isAdmin && <NavLink href="/admin">{words.admin}</NavLink>}
          </ul>
        </nav>
      </div>
    </header>
  );
}

function NavLink({ href, children }: { readonly href: string; readonly children: string }) {
  const [isHere] = useRoute(href);
  const [isBelow] = useRoute(`${href}/*`);
  return (
    <li>
      <Link href={href} className={styles.link} aria-current={isHere ? 'page' : isBelow ? 'true' : undefined}>
        {children}
      </Link>
    </li>
  );
}

/** The logo: a ticket and the name. */
function Wordmark() {
  return (
    <span className={styles.wordmark} aria-hidden="true">
      <svg viewBox="0 0 30 24" className={styles.mark}>
        <path d="M0 0h30v8.500a3.500 3.500 0 0 0 0 7V24H0v-8.500a3.500 3.500 0 0 0 0-7z" fill="var(--hot)" />
        <path d="M19 3v18" stroke="var(--paper)" strokeWidth="2" strokeDasharray="2.500 2.500" />
      </svg>
      <span>
        <b>{texts.shell.logo.first}</b> <span>{texts.shell.logo.second}</span>
      </span>
    </span>
  );
}
