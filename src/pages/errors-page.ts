import type { ProblemTable } from '../lib/errors/index.js';
import { docsFrame } from './docs-frame.js';

/** The page that a problem's `type` links to: every problem, its status and its meaning. */
export function errorsPage(problems: ProblemTable): string {
  const entries = Object.values(problems).map(
    ({ code, status, title, meaning }) => `
        <div class="docs-error">
          <dt id="${code}"><a href="#${code}"><code>${code}</code></a> ${title} <span class="docs-status">${status}</span></dt>
          <dd>${meaning.replace(/`([^`]+)`/g, '<code>$1</code>')}</dd>
        </div>`,
  );
  return docsFrame({
    path: '/errors',
    title: 'Errors',
    body: `<main class="docs-text">
      <h1>Errors</h1>
      <p>Every failure is <code>application/problem+json</code> (RFC 9457). Programs read its <code>code</code>.</p>
      <dl>${entries.join('')}
      </dl>
    </main>`,
  });
}
