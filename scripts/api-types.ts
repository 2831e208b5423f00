// Generates the types of the web's API client from the routes of the service, without running it:
//   npm run api:types
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { parseConfig } from '../src/lib/config/index.js';
import { buildApiDocument } from '../src/api-document.js';
import { createRoutes, type RouteDependencies } from '../src/modules/index.js';

export const API_TYPES_FILE = join(import.meta.dirname, '../web/src/api/contract.ts');

const HEADER = `// Made by \`npm run api:types\` from the routes of the service. Do not edit.
/* eslint-disable */

`;

/** The current content of {@link API_TYPES_FILE}. */
export async function apiTypes(): Promise<string> {
  // Only the handlers of the routes use their dependencies, and no handler is called here.
  const nothing: object = new Proxy(() => nothing, { get: () => nothing });
  const config = parseConfig({});
  const routes = createRoutes(
    new Proxy({ config }, { get: (_, name) => (name === 'config' ? config : nothing) }) as RouteDependencies,
  );
  const document = buildApiDocument(routes, config.http.publicUrl);
  const types = astToString(await openapiTS(JSON.stringify(document)));
  return format(HEADER + types, { ...(await resolveConfig(API_TYPES_FILE)), filepath: API_TYPES_FILE });
}

if (process.argv[1] === import.meta.filename) await writeFile(API_TYPES_FILE, await apiTypes());
