import { useState } from 'react';
import { classNames } from './class-names.js';
import styles from './picture.module.css';
import { pictureSource } from './picture-source.js';

interface PictureProps {
  readonly imageUrl: string | null;
  readonly className?: string | undefined;
  /** On the first screen: loaded first. */
  readonly isFirst?: boolean;
}

type Result = 'loaded' | 'failed';

/** The decorative picture of a drop; a blank ticket until it is loaded, and if there is none or it cannot be loaded. */
export function Picture({ imageUrl, className, isFirst = false }: PictureProps) {
  const [last, setLast] = useState<{ readonly imageUrl: string; readonly result: Result } | null>(null);
  const result = last?.imageUrl === imageUrl ? last.result : null;
  return (
    <div className={classNames(styles.picture, className)}>
      {result !== 'loaded' && <BlankTicket />}
      {imageUrl !== null && result !== 'failed' && (
        <img
          // Another picture is another element: the previous one would stay until the next one is loaded.
          key={imageUrl}
          className={styles.image}
          src={pictureSource(imageUrl, window.location.origin)}
          alt=""
          width={800}
          height={600}
          loading={isFirst ? 'eager' : 'lazy'}
          fetchPriority={isFirst ? 'high' : 'auto'}
          decoding="async"
          onLoad={() => {
            setLast({ imageUrl, result: 'loaded' });
          }}
          onError={() => {
            setLast({ imageUrl, result: 'failed' });
          }}
        />
      )}
    </div>
  );
}

function BlankTicket() {
  return (
    <svg viewBox="0 0 120 90" className={styles.blank} aria-hidden="true">
      <path
        d="M10 18h100v19a8 8 0 0 0 0 16v19H10V53a8 8 0 0 0 0-16z"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
      />
      <path d="M80 22v46" stroke="currentColor" strokeWidth="3" strokeDasharray="4 5" />
    </svg>
  );
}
