/** What the frame of a page for developers contains. */
interface DocsFrame {
  readonly path: '/docs' | '/errors';
  readonly title: string;
  /** Elements of the head beside those of every page. */
  readonly head?: string;
  readonly body: string;
}

const LINKS = [
  ['/docs', 'API'],
  ['/errors', 'Errors'],
] as const;

/**
 * A page for developers in the design of the shop, with a header that leads back to it. Everything is a file of this server: the
 * Content-Security-Policy allows no other origins and no inline scripts.
 */
export function docsFrame({ path, title, head = '', body }: DocsFrame): string {
  const links = LINKS.map(([to, name]) => `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${name}</a>`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · Drop Inventory</title>
    <link rel="icon" href="/favicon.ico" />
    <script src="/theme.js"></script>
    ${head}
    <link rel="stylesheet" href="/docs/font/wdth.css" />
    <link rel="stylesheet" href="/docs/design/tokens.css" />
    <link rel="stylesheet" href="/docs/design/docs.css" />
  </head>
  <body>
    <header class="docs-header">
      <a class="docs-home" href="/">Drop Inventory</a>
      <nav class="docs-nav" aria-label="Documentation">${links.join('\n        ')}</nav>
    </header>
    ${body}
  </body>
</html>
`;
}
