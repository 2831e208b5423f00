import { texts } from '../texts/texts.js';
import { Article } from './article.js';

/** How drops, holds and purchases work. */
export function HelpPage() {
  const { title, sections } = texts.help.help;
  return <Article title={title} sections={sections} />;
}

/** What shoppers and the shop agree on. */
export function TermsPage() {
  const { title, sections } = texts.help.terms;
  return <Article title={title} sections={sections} />;
}
