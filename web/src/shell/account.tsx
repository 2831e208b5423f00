import { useId, useRef } from 'react';
import { Link } from 'wouter';
import { useSignInHref } from '../auth/sign-in-href.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';
import { Button } from '../ui/button.js';
import styles from './account.module.css';
import { useTheme, type Theme } from './theme.js';

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** Who is signed in, what they may do about it, and how the page looks. */
export function Account() {
  const { user, signOut } = useAuth();
  const { notices } = useServices();
  const signInHref = useSignInHref();
  const [theme, setTheme] = useTheme();
  const id = useId();
  const sheet = useRef<HTMLDivElement>(null);
  return (
    <div className={styles.account}>
      {!user && (
        <Link href={signInHref} className={styles.signIn}>
          Sign in
        </Link>
      )}
      <button
        type="button"
        className={styles.open}
        popoverTarget={id}
        aria-label={user ? `Account of ${user.username}` : 'Settings'}
      >
        {user ? user.username.slice(0, 1).toUpperCase() : <Halves />}
      </button>
      <div ref={sheet} id={id} popover="auto" className={styles.sheet}>
        {user && (
          <p>
            <strong>{user.username}</strong>
            <br />
            <span className={styles.email}>{user.email}</span>
          </p>
        )}
        <fieldset className={styles.themes}>
          <legend>Colours</legend>
          {THEMES.map(({ value, label }) => (
            <label key={value}>
              <input
                type="radio"
                name="theme"
                checked={theme === value}
                onChange={() => {
                  setTheme(value);
                }}
              />
              {label}
            </label>
          ))}
        </fieldset>
        {user && (
          <Button
            look="quiet"
            onClick={() => {
              sheet.current?.hidePopover();
              signOut();
              notices.say({ tone: 'plain', title: 'You are signed out' });
            }}
          >
            Sign out
          </Button>
        )}
      </div>
    </div>
  );
}

/** Light and dark. */
function Halves() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M10 2a8 8 0 0 1 0 16z" fill="currentColor" />
    </svg>
  );
}
