import { OpenApiGeneratorV31, OpenAPIRegistry, extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../errors/index.js';
import type { Route } from '../http/define-route.js';
import { isoTime } from '../validation/schema-primitives.js';

extendZodWithOpenApi(z);

const Problem = z
  .object({
    type: z.url().meta({ description: 'Where this problem is explained.' }),
    title: z.string().meta({ description: 'The problem in two words.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'What went wrong this time.' }),
    instance: z.string().meta({ description: 'The path that was asked for.' }),
    code: z.enum(Object.keys(PROBLEMS)).meta({ description: 'What a program decides by.' }),
    requestId: z.string().meta({ description: 'Finds the request in the log; also in X-Request-Id.' }),
    message: z.string().meta({
      description: 'The same text as `detail`: sentences for people, without paths, times or names of headers.',
      example: 'Name must not be empty. The start must be a date and a time of day with a time zone',
    }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'Which field.', example: 'body.startsAt' }),
          message: z.string().meta({
            description: 'What was expected; in parentheses what is for developers alone.',
            example: 'is not known; did you mean dropStartsAt? (known here: name, price, dropStartsAt)',
          }),
        }),
      )
      .optional()
      .meta({ description: 'With `validation-failed`: each field that is wrong.' }),
    reservation: z
      .looseObject({})
      .optional()
      .meta({ description: 'With `already-reserved`: the reservation that the user has, as the API shows it.' }),
    startsAt: isoTime.optional().meta({ description: 'With `drop-not-started`: when reserving opens.' }),
    limitPerUser: z.int().optional().meta({ description: 'With `limit-reached`: units a user may have.' }),
  })
  .meta({ id: 'Problem', description: 'How every failure is answered: application/problem+json (RFC 9457).' });

/** Describes the API as OpenAPI 3.1, from the very rows that Express serves. */
/** By which a second start finds that the service runs already. */
export const API_TITLE = 'Drop inventory';

export function buildOpenApiDocument(routes: readonly Route[], { publicUrl }: { publicUrl: string }) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `token` that registering and signing in answer with.',
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path.replace(/:(\w+)/g, '{$1}'),
      operationId: route.operationId,
      tags: [route.tag],
      summary: route.summary,
      description: route.description,
      security: route.access === 'public' ? [] : [{ bearer: [] }],
      request: {
        params: asObject(route.params),
        query: asObject(route.query),
        headers: asObject(route.headers),
        ...(route.body && { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
      },
      responses: { [route.success.status]: successResponse(route), ...problemResponses(route) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: API_TITLE,
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Limited-edition drops: reserve a unit, hold it for a short while, purchase it. Stock never goes below ' +
        'zero, and every change is announced over Socket.io.\n\n' +
        'To try it here: sign in (or register), copy the `token` of the answer, press “Authorize” and paste it.\n\n' +
        'Bodies are JSON in UTF-8. Text that is not valid Unicode is refused with 400; names, search texts and passwords are ' +
        'compared in normalization form C. Times are ISO 8601 with `Z` or an offset; seconds may be left out.\n\n' +
        'Query parameters that an endpoint does not list are refused with 400, and so are unknown members of a drop that is ' +
        'created; `errors` names them with what was probably meant. Other bodies may have more members, which are ignored.\n\n' +
        'Failures are answered as `application/problem+json` and explained, code by code, at [/errors](/errors). Every ' +
        'answer carries `X-Request-Id`, which finds the request in the server’s log.',
    },
    // The first is what the docs page calls, however it was reached: its Content-Security-Policy allows no other origin.
    servers: [
      { url: '/', description: 'Where this document came from' },
      { url: publicUrl, description: 'The public address' },
    ],
  });
}

function successResponse({ success }: Route) {
  const schema = success.bare
    ? success.data
    : z.object({
        status: z.literal('success').meta({ description: 'Always `success`; a failure is answered as a problem.' }),
        message: z.string().meta({ description: 'What was done, for people.' }),
        data: success.data.meta()?.description ? success.data : success.data.meta({ description: success.description }),
        ...(success.meta && { meta: success.meta }),
      });
  return { description: success.description, content: { 'application/json': { schema } } };
}

/** Every problem a route can answer with, those included that follow from how it is declared. */
export function problemsOf(route: Route): ProblemCode[] {
  return [
    // Every route that does not ignore unknown parameters.
    ...(route.success.bare ? [] : (['validation-failed'] as const)),
    ...(route.body ? (['malformed-json', 'payload-too-large', 'unsupported-media-type'] as const) : []),
    ...(route.access === 'public' ? [] : (['unauthenticated'] as const)),
    ...(route.access === 'admin' ? (['forbidden'] as const) : []),
    ...(route.rateLimit ? (['rate-limited'] as const) : []),
    ...(route.problems ?? []),
    ...(route.success.bare ? [] : (['unavailable', 'overloaded', 'internal-error'] as const)),
  ];
}

function problemResponses(route: Route) {
  const codes = problemsOf(route);
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const meanings = codes.filter((code) => PROBLEMS[code].status === status).map(explain);
      return [
        status,
        { description: meanings.join('\n\n'), content: { 'application/problem+json': { schema: Problem } } },
      ];
    }),
  );
}

function explain(code: ProblemCode): string {
  return `\`${code}\`: ${PROBLEMS[code].meaning}`;
}

function asObject(schema: z.ZodType | undefined): z.ZodObject | undefined {
  if (schema && !(schema instanceof z.ZodObject)) throw new Error('params, query and headers are objects');
  return schema;
}
