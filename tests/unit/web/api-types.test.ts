import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { API_TYPES_FILE, apiTypes } from '../../../scripts/api-types.js';

it('the stored API types match the routes: if not, run `npm run api:types`', async () => {
  expect(await readFile(API_TYPES_FILE, 'utf8')).toBe(await apiTypes());
});
