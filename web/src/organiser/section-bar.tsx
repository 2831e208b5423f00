import styles from './section-bar.module.css';

const SECTIONS = [
  ['state', 'State'],
  ['stock', 'Stock'],
  ['details', 'Details'],
  ['figures', 'Figures'],
  ['lists', 'Lists'],
] as const;

/** Links to the sections of the page, at the bottom of a phone's screen, where a thumb reaches them. */
export function SectionBar() {
  return (
    <nav className={styles.bar} aria-label="Sections of this page">
      <ul className={styles.links}>
        {SECTIONS.map(([id, name]) => (
          <li key={id}>
            <a href={`#${id}`} className={styles.link}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
