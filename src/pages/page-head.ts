/** What search results, chats and social networks show for a link to a page. */
export interface PageHead {
  readonly title: string;
  readonly description: string;
  /** Absolute. */
  readonly url: string;
  /** Absolute. */
  readonly imageUrl: string;
}

const SITE_NAME = 'Drop Inventory';

/** The elements of the built page that describe the whole site. */
const DESCRIPTION_OF_SITE = /[ \t]*<meta\s[^>]*(?:name="description"|name="twitter:|property="og:)[^>]*>\r?\n?/g;
const TITLE = /<title>[^<]*<\/title>/;

/** Replaces the title and description of the site by those of a page. A document without a title stays as it is. */
export function withHead(page: string, { title, description, url, imageUrl }: PageHead): string {
  const elements = [
    `<title>${escape(title)} · ${SITE_NAME}</title>`,
    meta('name', 'description', description),
    `<link rel="canonical" href="${escape(url)}" />`,
    meta('property', 'og:type', 'website'),
    meta('property', 'og:site_name', SITE_NAME),
    meta('property', 'og:title', title),
    meta('property', 'og:description', description),
    meta('property', 'og:url', url),
    meta('property', 'og:image', imageUrl),
    meta('name', 'twitter:card', 'summary_large_image'),
    meta('name', 'twitter:title', title),
    meta('name', 'twitter:description', description),
    meta('name', 'twitter:image', imageUrl),
  ];
  // A function, because a replacement string would expand `$&` in a name.
  return page.replace(DESCRIPTION_OF_SITE, '').replace(TITLE, () => elements.join('\n    '));
}

/** An account that can be used with one click. */
export interface OfferedAccount {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

/** Adds the demo accounts, which the sign-in page offers, to the head of the page. Never for production. */
export function withDemoAccounts(page: string, accounts: readonly OfferedAccount[]): string {
  return page.replace(TITLE, (title) => `${title}\n    ${meta('name', 'demo-accounts', JSON.stringify(accounts))}`);
}

function meta(attribute: 'name' | 'property', name: string, content: string): string {
  return `<meta ${attribute}="${name}" content="${escape(content)}" />`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
