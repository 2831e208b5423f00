import { useState } from 'react';
import { classNames } from './class-names.js';
import styles from './picture.module.css';
import { pictureSource } from './picture-source.js';

interface PictureProps {
  /** As the API gives it. */
  readonly imageUrl: string | null;
  readonly className?: string | undefined;
  /** It is seen at once: load it first. */
  readonly isFirst?: boolean;
}

/** The picture of a drop, beside its name, which says all there is to say of it; without one, or if it fails, a blank ticket. */
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
