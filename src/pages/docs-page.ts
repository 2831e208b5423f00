import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
// The package's main module would load the whole page into this process.
import absolutePath from 'swagger-ui-dist/absolute-path.js';
import type { ProblemTable } from '../lib/errors/index.js';
import { exchangeOf } from '../lib/http/exchange.js';
import { onlyGet } from '../lib/http/routers.js';
import { etagOf, send } from '../lib/http/send.js';
import { once } from '../lib/once.js';
import { docsFrame } from './docs-frame.js';
import { errorsPage } from './errors-page.js';

const require = createRequire(import.meta.url);
/** The files of the typeface, and the style sheet that names them. */
const FONT_FOLDER = dirname(require.resolve('@fontsource-variable/archivo/wdth.css'));
/** The design of the shop, and what it adds to Swagger UI. */
const DESIGN_FOLDER = fileURLToPath(new URL('../../public/design', import.meta.url));

/** Swagger UI from the installed package, with its start-up script as a file. */
const PAGE = docsFrame({
  path: '/docs',
  title: 'API',
  head: '<link rel="stylesheet" href="/docs/assets/swagger-ui.css" />',
  body: `<main id="docs"></main>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>`,
});

/** Swagger UI has a class of its own for dark colours. theme.js has run before, if the reader has chosen a theme in the shop. */
const START = `const isDarkSystem = matchMedia('(prefers-color-scheme: dark)');
function followTheme() {
  const { theme } = document.documentElement.dataset;
  document.documentElement.classList.toggle('dark-mode', theme ? theme === 'dark' : isDarkSystem.matches);
}
isDarkSystem.addEventListener('change', followTheme);
followTheme();
SwaggerUIBundle({
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
  for (const [path, folder] of [
    ['/docs/assets', absolutePath()],
    ['/docs/font', FONT_FOLDER],
    ['/docs/design', DESIGN_FOLDER],
  ] as const) {
    app.use(path, onlyGet, express.static(folder, { index: false, redirect: false, maxAge: '1h' }));
  }
  app.get('/errors', (_req, res) => {
    res.type('html').send(errors);
  });
}
