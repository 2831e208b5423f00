import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { classNames } from '../ui/class-names.js';
import { useHeightProperty } from '../ui/use-height-property.js';
import { placeNotices } from './notice-place.js';
import styles from './notice-list.module.css';
import type { Notice } from '../services/notices.js';

/** Scrolling and resizing move controls below the notices. */
const MOVES = ['scrollend', 'resize'] as const;

/** The notices, in a corner of the page where they cover no control. Screen readers announce them. */
export function NoticeList() {
  const { notices } = useServices();
  const all = useSyncExternalStore(notices.subscribe, notices.all);
  const listRef = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (listRef.current && all.length > 0) placeNotices(listRef.current);
  }, [all]);
  const isShown = all.length > 0;
  useHeightProperty(listRef, '--notices-height', isShown);
  useEffect(() => {
    if (!isShown) return undefined;
    const place = () => {
      if (listRef.current) placeNotices(listRef.current);
    };
    for (const name of MOVES) window.addEventListener(name, place);
    return () => {
      for (const name of MOVES) window.removeEventListener(name, place);
    };
  }, [isShown]);
  return (
    <div ref={listRef} className={styles.list} role="status" aria-label={texts.shell.notices.label}>
      {all.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const { notices } = useServices();
  const { id, tone, title, text, link } = notice;
  const dismiss = () => {
    notices.dismiss(id);
  };
  return (
    <div className={classNames(styles.notice, styles[tone])}>
      <p className={styles.title} title={title}>
        {title}
      </p>
      {text && <p>{text}</p>}
      {link && <Link href={link.href}>{link.label}</Link>}
      <button type="button" className={styles.close} aria-label={texts.shell.notices.dismiss(title)} onClick={dismiss}>
        {texts.shell.notices.dismissSign}
      </button>
      {/* The notice is dismissed when this animation ends; the style sheet pauses it while the pointer is on the notice. */}
      <span className={styles.clock} onAnimationEnd={dismiss} />
    </div>
  );
}
