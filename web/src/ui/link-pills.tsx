import { Link } from 'wouter';
import styles from './link-pills.module.css';

interface PillLink {
  readonly href: string;
  readonly label: string;
  readonly isCurrent: boolean;
}

/** Links of which one is current, such as the filters of a list. */
export function LinkPills({ label, links }: { readonly label: string; readonly links: readonly PillLink[] }) {
  return (
    <nav aria-label={label}>
      <ul className={styles.pills}>
        {links.map(({ href, label: text, isCurrent }) => (
          <li key={text}>
            <Link href={href} className={styles.pill} aria-current={isCurrent ? 'true' : undefined}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
