import { useEffect, type ReactNode } from 'react';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { useHeadingFocus } from './navigation-type.js';
import styles from './page.module.css';

/** Longer headings have a smaller font. */
const LONG_TITLE_LENGTH = 60;

interface PageProps {
  /** Heading of the page, and title of the window. */
  readonly title: string;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  /** The heading is only for screen readers: the page shows it in another way. */
  readonly isHeadingHidden?: boolean;
  readonly children: ReactNode;
}

/** The frame of a page: title, heading and content. The heading receives the focus after a navigation. */
export function Page({ title, aside, isHeadingHidden = false, children }: PageProps) {
  const heading = useHeadingFocus();
  useEffect(() => {
    document.title = texts.page.windowTitle(title);
  }, [title]);
  return (
    <>
      <div className={classNames(styles.head, isHeadingHidden && 'visually-hidden')}>
        <h1
          ref={heading}
          tabIndex={-1}
          className={classNames(styles.title, title.length > LONG_TITLE_LENGTH && styles.long)}
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
