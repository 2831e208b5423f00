import type { ReactNode } from 'react';
import styles from './panel.module.css';

interface PanelProps {
  /** The fragment of the page's URL that leads here. */
  readonly id: string;
  readonly title: string;
  /** The title is only for screen readers. */
  readonly isTitleHidden?: boolean;
  readonly children: ReactNode;
}

/** A section of the organiser's page. */
export function Panel({ id, title, isTitleHidden = false, children }: PanelProps) {
  return (
    <section id={id} tabIndex={-1} className={styles.panel} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} className={isTitleHidden ? 'visually-hidden' : styles.title}>
        {title}
      </h2>
      {children}
    </section>
  );
}
