import { useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useSignInHref } from '../auth/sign-in-href.js';
import { useAuth } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { sharedStorage } from '../storage.js';
import { Button } from '../ui/button.js';
import styles from './account.module.css';

type Theme = 'system' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const words = texts.shell.account;

/** The account menu: sign in, sign out, and the colours of the page. */
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
          {texts.common.signIn}
        </Link>
      )}
      <button
        type="button"
        className={styles.open}
        popoverTarget={id}
        aria-label={user ? words.of(user.username) : words.settings}
      >
        {user ? user.username.slice(0, 1).toUpperCase() : <Halves />}
      </button>
      <div ref={sheet} id={id} popover="auto" className={styles.sheet}>
        {user && (
          <div>
            <p>
              <strong>{user.username}</strong>
              <br />
              <span className={styles.email}>{user.email}</span>
            </p>
            <Link href="/account" className={styles.link} onClick={() => sheet.current?.hidePopover()}>
              {words.link}
            </Link>
          </div>
        )}
        <fieldset className={styles.themes}>
          <legend>{words.themes}</legend>
          {THEMES.map((value) => (
            <label key={value}>
              <input
                type="radio"
                name="theme"
                checked={theme === value}
                onChange={() => {
                  setTheme(value);
                }}
              />
              {words[value]}
            </label>
          ))}
        </fieldset>
        {user && (
          <Button
            look="quiet"
            onClick={() => {
              sheet.current?.hidePopover();
              signOut();
              notices.show({ tone: 'plain', title: words.signedOut });
            }}
          >
            {words.signOut}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The icon of the settings. */
function Halves() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M10 2a8 8 0 0 1 0 16z" fill="currentColor" />
    </svg>
  );
}

/** The key in the storage; `public/theme.js` reads it before the first paint. */
const THEME_KEY = 'drop-inventory.theme';

function keptTheme(): Theme {
  const kept = sharedStorage.getItem(THEME_KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** The selected theme, and a function that stores another one. */
function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(keptTheme);
  return [
    theme,
    (next) => {
      setTheme(next);
      if (next === 'system') {
        sharedStorage.removeItem(THEME_KEY);
        delete document.documentElement.dataset.theme;
      } else {
        sharedStorage.setItem(THEME_KEY, next);
        document.documentElement.dataset.theme = next;
      }
    },
  ];
}
