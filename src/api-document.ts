import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { API_TITLE } from './already-running.js';
import { TOKEN_REFUSALS, type TokenRefusal } from './lib/errors/index.js';
import type { Route } from './lib/http/define-route.js';
import { buildOpenApiDocument } from './lib/http/openapi.js';
import { isoTime } from './lib/validation/schema-primitives.js';
import { DropStatus } from './inventory/inventory.schema.js';
import { PROBLEMS } from './modules/problems.js';

const DESCRIPTION =
  'Limited-edition drops: reserve a unit, hold it for a short while, purchase it. Stock never goes below zero, and every ' +
  'change is published over Socket.io.\n\n' +
  'To try it here: sign in (or register), copy the `token` of the response, press “Authorize” and paste it.\n\n' +
  'Bodies are JSON in UTF-8. Text that is not valid Unicode is refused with 400; names, search texts and passwords are ' +
  'compared in normalization form C. Times are ISO 8601 with `Z` or an offset; seconds are optional.\n\n' +
  'Unknown query parameters are refused with 400, and so are unknown members of a body that creates or changes a drop; `errors` names each, with the ' +
  'name that was probably meant. Unknown members of other bodies are ignored.\n\n' +
  'Failures are `application/problem+json`, explained code by code at [/errors](/errors). Every response carries ' +
  '`X-Request-Id`, which finds the request in the server’s log.';

const PROBLEM_MEMBERS = {
  reservation: z
    .looseObject({})
    .optional()
    .meta({ description: 'With `already-reserved`: the user’s reservation, as the API returns it.' }),
  startsAt: isoTime.optional().meta({ description: 'With `drop-not-started`: when the drop starts.' }),
  reason: z
    .enum(Object.keys(TOKEN_REFUSALS) as [TokenRefusal, ...TokenRefusal[]])
    .optional()
    .meta({ description: 'With `unauthenticated`: why a token that has not expired is refused.' }),
  retryAt: isoTime.optional().meta({ description: 'With `cool-down`: when the user can reserve this drop again.' }),
  availability: z
    .enum(['all_held', 'sold_out'])
    .optional()
    .meta({ description: 'With `sold-out`: whether held units may come back, or every unit is bought.' }),
  limitPerUser: z.int().optional().meta({ description: 'With `limit-reached`: units per user.' }),
  state: DropStatus.optional().meta({ description: 'With `drop-state`: the status of the drop.' }),
  possible: z.int().min(0).optional().meta({
    description: 'With `stock-in-use`: the most units that can be taken off. With `stock-limit`: that can be added.',
  }),
};

/** The OpenAPI document of the service, in the version of package.json. */
export function buildApiDocument(routes: readonly Route[], publicUrl: string) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return buildOpenApiDocument(routes, {
    publicUrl,
    info: { title: API_TITLE, version, description: DESCRIPTION },
    problems: PROBLEMS,
    problemMembers: PROBLEM_MEMBERS,
  });
}
