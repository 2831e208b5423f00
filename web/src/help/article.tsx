import { Page } from '../page/page.js';
import styles from './article.module.css';

interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

/** A page of text. */
export function Article({ title, sections }: { readonly title: string; readonly sections: readonly Section[] }) {
  return (
    <Page title={title}>
      <div className={styles.article}>
        {sections.map((section) => (
          <section key={section.title}>
            <h2 className={styles.title}>{section.title}</h2>
            {section.paragraphs.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </section>
        ))}
      </div>
    </Page>
  );
}
