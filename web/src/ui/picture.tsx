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

/** The decorative picture of a drop; a blank ticket if there is none or it cannot be loaded. */
export function Picture({ imageUrl, className, isFirst = false }: PictureProps) {
  const [failed, setFailed] = useState<string | null>(null);
  if (imageUrl === null || failed === imageUrl) {
    return (
      <div className={classNames(styles.picture, styles.blank, className)}>
        <svg viewBox="0 0 120 90" aria-hidden="true">
          <path
            d="M10 18h100v19a8 8 0 0 0 0 16v19H10V53a8 8 0 0 0 0-16z"
            fill="none"
            stroke="currentColor"
            strokeWidth="3"
          />
          <path d="M80 22v46" stroke="currentColor" strokeWidth="3" strokeDasharray="4 5" />
        </svg>
      </div>
    );
  }
  return (
    <img
      className={classNames(styles.picture, className)}
      src={pictureSource(imageUrl, window.location.origin)}
      alt=""
      width={800}
      height={600}
      loading={isFirst ? 'eager' : 'lazy'}
      decoding="async"
      onError={() => {
        setFailed(imageUrl);
      }}
    />
  );
}
