import { Link, useRoute } from 'wouter';
import { useAuth } from '../auth/use-auth.js';
import { Account } from './account.js';
import { Connection } from './connection.js';
import styles from './header.module.css';
import { Wordmark } from './wordmark.js';

export function Header() {
  const { user, isAdmin } = useAuth();
  return (
    <header className={styles.header}>
      <div className={styles.row}>
        <Link href="/" className={styles.home} aria-label="Drop Inventory, to all drops">
          <Wordmark />
        </Link>
        <div className={styles.state}>
          <Connection />
          <Account />
        </div>
        <nav className={styles.nav} aria-label="Main">
          <ul className={styles.links}>
            <NavLink href="/">Drops</NavLink>
            {user && <NavLink href="/holds">My holds</NavLink>}
            {user && <NavLink href="/purchases">My purchases</NavLink>}
            <NavLink href="/dashboard">Dashboard</NavLink>
            {isAdmin && <NavLink href="/admin">Admin</NavLink>}
          </ul>
        </nav>
      </div>
    </header>
  );
}

function NavLink({ href, children }: { readonly href: string; readonly children: string }) {
  const [isHere] = useRoute(href);
  return (
    <li>
      <Link href={href} className={styles.link} aria-current={isHere ? 'page' : undefined}>
        {children}
      </Link>
    </li>
  );
}
