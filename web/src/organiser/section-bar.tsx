import { texts } from '../texts/texts.js';
import styles from './section-bar.module.css';

const SECTIONS = ['state', 'stock', 'details', 'figures', 'lists'] as const;

/** Links to the sections of the page, at the bottom of a phone's screen, where a thumb reaches them. */
export function SectionBar() {
  return (
    <nav className={styles.bar} aria-label={texts.organiser.sections.label}>
      <ul className={styles.links}>
        {SECTIONS.map((id) => (
          <li key={id}>
            <a href={`#${id}`} className={styles.link}>
              {texts.organiser.sections[id]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
