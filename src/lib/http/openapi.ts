import { OpenApiGeneratorV31, OpenAPIRegistry, extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { describeAccessPolicy, type AccessPolicy } from '../auth/access-policy.js';
import type { Problem, ProblemTable } from '../errors/index.js';
import { problemsOf, type Route } from './define-route.js';

extendZodWithOpenApi(z);

type Headers = Readonly<
  Record<string, { description: string; required: boolean; schema: { type: 'string' | 'integer'; minimum?: number } }>
>;

const COMMON_HEADERS: Headers = {
  'X-Request-Id': { description: 'Finds the request in the log.', required: true, schema: { type: 'string' } },
};
const RETRY_AFTER: Headers = {
  'Retry-After': { description: 'Seconds to wait.', required: true, schema: { type: 'integer', minimum: 0 } },
};
const HEADERS_BY_STATUS: Readonly<Record<number, Headers>> = {
  401: { 'WWW-Authenticate': { description: 'The scheme, `Bearer`.', required: true, schema: { type: 'string' } } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};

interface OpenApiOptions {
  readonly publicUrl: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  /** Every problem of the service. */
  readonly problems: ProblemTable;
  /** Schemas of the members that problems have beside the standard ones. */
  readonly problemMembers: Readonly<Record<string, z.ZodType>>;
}

/** Describes the API as OpenAPI 3.1, from the same routes that are served. */
export function buildOpenApiDocument(
  routes: readonly Route[],
  { publicUrl, info, problems, problemMembers }: OpenApiOptions,
) {
  const problem = problemSchema(Object.keys(problems), problemMembers);
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `token` in the response to registering or signing in.',
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path.replace(/:(\w+)/g, '{$1}'),
      operationId: route.operationId,
      tags: [route.tag],
      summary: route.summary,
      description: `${route.description}\n\n${describeAccessPolicy(route)}`,
      'x-access': documentedPolicy(route),
      security: route.access === 'public' ? [] : [{ bearer: [] }],
      request: {
        params: asObject(route.params),
        query: asObject(route.query),
        headers: asObject(route.headers),
        ...(route.body && {
          body: {
            required: !route.body.safeParse(undefined).success,
            content: { 'application/json': { schema: route.body } },
          },
        }),
      },
      responses: { [route.success.status]: successResponse(route), ...problemResponses(route, problem) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { ...info, license: { name: 'MIT', identifier: 'MIT' } },
    // The docs page calls the first one: its Content-Security-Policy allows no other origin.
    servers: [
      { url: '/', description: 'The server of this document' },
      { url: publicUrl, description: 'The public address' },
    ],
  });
}

/** The policy for programs. That an account is loaded late, as `token` says, makes no difference to a client. */
function documentedPolicy({ access, owner, hidden }: AccessPolicy) {
  return {
    access: access === 'token' ? 'user' : access,
    owner: typeof owner === 'object' ? { ...owner, refusal: owner.refusal.code } : owner,
    ...(hidden && { hidden: { ...hidden, refusal: hidden.refusal.code } }),
  };
}

function successResponse({ success }: Route) {
  const schema = success.bare
    ? success.data
    : z.object({
        status: z.literal('success').meta({ description: 'Always `success`; a failure is a problem.' }),
        message: z.string().meta({ description: 'A sentence for people.' }),
        data: success.data.meta()?.description ? success.data : success.data.meta({ description: success.description }),
        ...(success.meta && { meta: success.meta }),
      });
  const csv =
    success.csv === undefined ? {} : { 'text/csv': { schema: z.string().meta({ description: success.csv }) } };
  return {
    description: success.description,
    headers: COMMON_HEADERS,
    content: { 'application/json': { schema }, ...csv },
  };
}

function problemResponses(route: Route, problem: z.ZodType) {
  const problems = problemsOf(route);
  const statuses = new Set(problems.map(({ status }) => status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const meanings = problems.filter((each) => each.status === status).map(explain);
      return [
        status,
        {
          description: meanings.join('\n\n'),
          headers: { ...COMMON_HEADERS, ...HEADERS_BY_STATUS[status] },
          content: { 'application/problem+json': { schema: problem } },
        },
      ];
    }),
  );
}

function explain({ code, meaning }: Problem): string {
  return `\`${code}\`: ${meaning}`;
}

function asObject(schema: z.ZodType | undefined): z.ZodObject | undefined {
  if (schema && !(schema instanceof z.ZodObject)) throw new Error('params, query and headers are objects');
  return schema;
}

function problemSchema(codes: readonly string[], members: Readonly<Record<string, z.ZodType>>) {
  return z
    .object({
      type: z.url().meta({ description: 'The page that explains this problem.' }),
      title: z.string().meta({ description: 'A short name of the problem.' }),
      status: z.int().meta({ description: 'The HTTP status.' }),
      detail: z.string().meta({ description: 'What went wrong.' }),
      instance: z.string().meta({ description: 'The path of the request.' }),
      code: z.enum(codes).meta({ description: 'The code of the problem, for programs.' }),
      requestId: z.string().meta({ description: 'Finds the request in the log; also in X-Request-Id.' }),
      message: z.string().meta({
        description: 'The same text as `detail`: sentences for people, without paths, times or names of headers.',
        example: 'Name must not be empty. The start must be a date and a time of day with a time zone',
      }),
      errors: z
        .array(
          z.object({
            path: z.string().meta({ description: 'The field.', example: 'query.pagesize' }),
            message: z.string().meta({
              description: 'What was expected. The text in parentheses is for developers.',
              example: 'is not known; did you mean pageSize? (known here: page, pageSize)',
            }),
          }),
        )
        .optional()
        .meta({ description: 'With `validation-failed`: every invalid field.' }),
      ...members,
    })
    .meta({ id: 'Problem', description: 'Every failure: application/problem+json (RFC 9457).' });
}
