import express, { type Express } from 'express';
// The package's main module would load the whole page into this process.
import absolutePath from 'swagger-ui-dist/absolute-path.js';
import type { ProblemTable } from '../lib/errors/index.js';
import { exchangeOf } from '../lib/http/exchange.js';
import { onlyGet } from '../lib/http/routers.js';
import { etagOf, send } from '../lib/http/send.js';
import { once } from '../lib/once.js';

// Swagger UI from the installed package, with its start-up script as a file, because the Content-Security-Policy allows no
// other origins and no inline scripts.
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Drop inventory API</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
  </head>
  <body>
    <main id="docs"></main>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
});
`;

/**
 * Serves /openapi.json, its page at /docs, and the page at /errors that explains every problem.
 *
 * @param buildDocument called once, for the first request of the document.
 */
export function mountDocs(app: Express, buildDocument: () => Promise<object>, problems: ProblemTable): void {
  // Once: for each request it would cost more than the rest of the response.
  const document = once(async () => {
    const body = Buffer.from(JSON.stringify(await buildDocument()));
    return { body, etag: etagOf(body) };
  });
  const errors = errorsPage(problems);
  app.all(['/docs', '/docs/start.js', '/errors', '/openapi.json'], onlyGet);
  app.get('/openapi.json', async (req, res) => {
    send(exchangeOf(req, res), { status: 200, headers: {}, ...(await document()) });
  });
  app.get('/docs', (_req, res) => {
    res.type('html').send(PAGE);
  });
  app.get('/docs/start.js', (_req, res) => {
    res.type('text/javascript').send(START);
  });
  app.use('/docs/assets', onlyGet, express.static(absolutePath(), { index: false, redirect: false, maxAge: '1h' }));
  app.get('/errors', (_req, res) => {
    res.type('html').send(errors);
  });
}

/** The page that a problem's `type` links to: every problem, its status and its meaning. */
function errorsPage(problems: ProblemTable): string {
  const rows = Object.values(problems).map(
    ({ code, status, title, meaning }) => `
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
