// npm run dev: one page at one address. Vite serves the storefront from its sources, replaces the modules that are edited, and passes
// all other requests on to the service behind it, which restarts at each change of its own sources.
import { tsImport } from 'tsx/esm/api';
import { buildIfNeeded, fail } from './build-if-needed.mjs';

await buildIfNeeded({ clientOnly: true }).catch(fail);
await tsImport('./dev/main.ts', import.meta.url);
