import { PROBLEMS } from '../lib/errors/index.js';

/** The page that a problem's `type` links to: every problem, its status and its meaning. */
export function errorsPage(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, title, meaning }]) => `
      <dt id="${code}"><a href="#${code}"><code>${code}</code></a> ${title} (${status})</dt>
      <dd>${meaning.replace(/`([^`]+)`/g, '<code>$1</code>')}</dd>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Problems</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      dt { margin-top: 1.2rem; font-weight: 600; }
      dt:target { outline: 2px solid; outline-offset: 4px; }
      dd { margin: 0.2rem 0 0; }
    </style>
  </head>
  <body>
    <h1>Problems</h1>
    <p>Every failure is <code>application/problem+json</code> (RFC 9457). Programs read its <code>code</code>.</p>
    <dl>${rows.join('')}
    </dl>
  </body>
</html>
`;
}
