import { useEffect, type ReactNode } from 'react';
import { classNames } from '../ui/class-names.js';
import { useArrivalFocus } from './navigation-type.js';
import styles from './page.module.css';

/** Characters from which on a heading is set smaller. */
const LONG_TITLE = 60;

interface PageProps {
  /** Of the window, and the heading of the page. */
  readonly title: string;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  /** The heading is read out and not seen: the page shows it in its own way. */
  readonly isHeadingHidden?: boolean;
  readonly children: ReactNode;
}

/** What stands at an address: with its title, and a heading that is focused when one comes here from another page. */
export function Page({ title, aside, isHeadingHidden = false, children }: PageProps) {
  const heading = useArrivalFocus();
  useEffect(() => {
    document.title = `${title} · Drop Inventory`;
  }, [title]);
  return (
    <>
      <div className={classNames(styles.head, isHeadingHidden && 'visually-hidden')}>
        <h1
          ref={heading}
          tabIndex={-1}
          className={classNames(styles.title, title.length > LONG_TITLE && styles.long)}
          dir="auto"
        >
          {title}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}
