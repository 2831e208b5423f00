import { z } from 'zod';
import {
  checkAccessPolicy,
  type Access,
  type HiddenResource,
  type OwnedResource,
  type Owner,
} from '../auth/access-policy.js';
import type { AuthenticatedUser, TokenSubject } from '../auth/authenticate.js';
import type { CancellationSignal } from '../batcher.js';
import { AppError, HTTP_PROBLEMS, type Problem } from '../errors/index.js';
import type { TtlCache } from '../ttl-cache.js';
import { parseParts } from '../validation/parse-parts.js';
import { prefersCsv, type CsvResponse } from './csv.js';
import { JsonText } from './json-text.js';
import type { RateLimit } from './rate-limits/rate-limits.js';
import { getLimited, type LimitRead } from './read-limit.js';
import { etagOf, type HttpResponse, type StreamedResponse } from './send.js';
import { StreamedData, streamEnvelope } from './streamed-data.js';

type UserByAccess = { public: null; token: TokenSubject; user: AuthenticatedUser; admin: AuthenticatedUser };

type Schema = z.ZodType;

/** A handler's input: each part of the request, parsed by its schema. */
interface RouteInput<A extends Access, P extends Schema, Q extends Schema, H extends Schema, B extends Schema> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly headers: z.output<H>;
  readonly body: z.output<B>;
  readonly user: UserByAccess[A];
  /** Returns the address that limits count the request for. */
  readonly clientAddress: () => string;
  /** Aborted when the client has disconnected. */
  readonly signal: CancellationSignal;
  /** For the chunks of {@link StreamedData} and of CSV, which are read after the handler has returned. */
  readonly limitRead: LimitRead;
  /** The client prefers CSV, and the route has it. */
  readonly wantsCsv: boolean;
}

/** A handler's result: the members of the envelope, and headers. */
interface HandlerResult<Data, Meta = undefined> {
  readonly message?: string;
  readonly data: Data | JsonText<Data> | StreamedData<Data>;
  readonly meta?: Meta;
  readonly headers?: Readonly<Record<string, string>>;
}

interface RouteSpec<
  A extends Access,
  P extends Schema,
  Q extends Schema,
  H extends Schema,
  B extends Schema,
  D extends Schema,
  M extends Schema,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In the syntax of Express: `/api/users/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly access: A;
  /** With `access` the policy of the route. The handler checks the owner of a resource, and refuses others as declared here. */
  readonly owner: Owner;
  /** A kind of resource that `handler` refuses as not found, and `adminHandler` serves; only for public routes. */
  readonly hidden?: HiddenResource;
  readonly rateLimit?: RateLimit;
  /** The response contains a token. As with every route that requires one, no response of it may be stored. */
  readonly returnsToken?: boolean;
  /** Caches responses by path and query; only for routes whose response is the same for every client. */
  readonly cache?: TtlCache<HttpResponse>;
  /** Which reads the handler itself limits: they do not take a place of the limit for all reads while they wait. */
  readonly hasOwnLimit?: (query: z.output<Q>) => boolean;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly body?: B;
  readonly success: {
    readonly status: 200 | 201;
    readonly description: string;
    readonly data: D;
    readonly meta?: M;
    /** Sends `data` without the envelope: for orchestrators and tools. */
    readonly bare?: boolean;
    /** What the same data in CSV has, for a client that sends `Accept: text/csv`. Left out: there is none. */
    readonly csv?: string;
  };
  /** The route's own problems; those that follow from access, owner, hidden, body and rate limit are added. */
  readonly problems?: readonly Problem[];
  readonly handler: Handler<A, P, Q, H, B, D, M>;
  /**
   * Serves an admin the `hidden` resource that `handler` has refused. The account is loaded after that refusal only. Neither
   * this response nor a refusal may be stored, because both depend on the token.
   */
  readonly adminHandler?: Handler<A, P, Q, H, B, D, M>;
}

type Handler<
  A extends Access,
  P extends Schema,
  Q extends Schema,
  H extends Schema,
  B extends Schema,
  D extends Schema,
  M extends Schema,
> = (input: RouteInput<A, P, Q, H, B>) => Result<z.input<D>, z.input<M>> | Promise<Result<z.input<D>, z.input<M>>>;

type Result<Data, Meta> = HandlerResult<Data, Meta> | { readonly csv: CsvResponse };

interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly user: TokenSubject | null;
  readonly clientAddress: () => string;
  readonly signal: CancellationSignal;
  readonly limitRead: LimitRead;
  /** Whether the request has the valid token of an admin. */
  readonly isAdmin: () => Promise<boolean>;
  /** The header Accept. */
  readonly accept: string | undefined;
}

type AnySpec = RouteSpec<Access, Schema, Schema, Schema, Schema, Schema, Schema>;

/** An endpoint: all that is needed to serve and to document it. */
export interface Route extends Omit<AnySpec, 'handler' | 'adminHandler' | 'hasOwnLimit'> {
  /**
   * Validates the request, calls the handler, and serializes its result; responses to GET have an ETag. Reads, which are all
   * GETs but bare ones, run within the limit of the request.
   *
   * @param checkResponse also validate the result by its schema, which the OpenAPI document shows.
   * @throws {ValidationError} naming every invalid field.
   * @throws {OverloadedError} too many reads wait.
   */
  respond(request: RequestParts, checkResponse: boolean): Promise<HttpResponse | StreamedResponse>;
}

/**
 * Declares an endpoint: routing, validation, the handler's types and the OpenAPI operation follow from it.
 *
 * @throws {Error} if it does not declare who may call it: the service does not start.
 */
export function defineRoute<
  A extends Access,
  D extends Schema,
  P extends Schema = z.ZodUndefined,
  Q extends Schema = z.ZodUndefined,
  H extends Schema = z.ZodUndefined,
  B extends Schema = z.ZodUndefined,
  M extends Schema = z.ZodUndefined,
>(spec: RouteSpec<A, P, Q, H, B, D, M>): Route {
  const { handler, adminHandler, hasOwnLimit, ...row } = spec;
  const { success } = spec;
  const name = `${spec.method.toUpperCase()} ${spec.path}`;
  checkAccessPolicy(name, spec);
  if (!spec.hidden !== !adminHandler) throw new Error(`${name} must have both hidden and adminHandler, or neither`);
  if (typeof spec.owner === 'object') checkHasMember(name, spec, spec.owner.id);
  // An unknown parameter must not make a health check fail.
  const query = success.bare ? spec.query : strictQuery(spec.query);
  const responses = new WeakMap<JsonText<unknown>, HttpResponse>();
  return {
    ...row,
    respond(request, checkResponse) {
      const parts = parseParts({ params: spec.params, query, headers: spec.headers, body: spec.body }, request);
      const { user, clientAddress, signal, limitRead, accept } = request;
      const wantsCsv = success.csv !== undefined && prefersCsv(accept);
      const input = { ...parts, user, clientAddress, signal, limitRead, wantsCsv } as RouteInput<A, P, Q, H, B>;
      const createResponse = async (handle = handler): Promise<HttpResponse | StreamedResponse> => {
        const result = await handle(input);
        if ('csv' in result) return { status: success.status, headers: result.csv.headers, chunks: result.csv.lines };
        const { message, data, meta, headers = {} } = result;
        const known = data instanceof JsonText ? responses.get(data) : undefined;
        if (known) return known;
        if (data instanceof StreamedData) {
          const chunks = streamEnvelope(message, data, checkResponse ? success.data : undefined);
          return { status: success.status, headers, chunks };
        }
        if (checkResponse) {
          success.data.parse(data instanceof JsonText ? JSON.parse(data.json) : data);
          success.meta?.parse(meta);
        }
        const json = success.bare ? JSON.stringify(data) : envelope(message, data, meta);
        if (spec.method !== 'get') return { status: success.status, headers, body: json };
        const body = Buffer.from(json);
        const response = { status: success.status, headers, body, etag: etagOf(body) };
        if (data instanceof JsonText) responses.set(data, response);
        return response;
      };
      if (spec.method !== 'get' || success.bare) return createResponse();
      const isLimited = !hasOwnLimit?.(input.query);
      const readResponse = async () => {
        if (!spec.cache) return isLimited ? limitRead(createResponse) : createResponse();
        const createWhole = async () => wholeResponse(name, await createResponse());
        const key = JSON.stringify([parts.params, parts.query]);
        if (!isLimited) return spec.cache.get(key, createWhole);
        return getLimited(spec.cache, key, createWhole, limitRead);
      };
      if (!adminHandler) return readResponse();
      return readResponse().catch(async (error: unknown) => {
        const mayAdminRead =
          error instanceof AppError && error.code === spec.hidden?.refusal.code && (await request.isAdmin());
        if (!mayAdminRead) throw error;
        const response = await limitRead(() => createResponse(adminHandler));
        return { ...response, headers: { ...response.headers, 'Cache-Control': 'no-store' } };
      });
    },
  };
}

function envelope(message: string | undefined, data: unknown, meta: unknown): string {
  if (!(data instanceof JsonText)) return JSON.stringify({ status: 'success', message, data, meta });
  const [head, tail] = [JSON.stringify({ status: 'success', message }), JSON.stringify({ meta })];
  return `${head.slice(0, -1)},"data":${data.json}${tail === '{}' ? '}' : `,${tail.slice(1)}`}`;
}

/** @throws {Error} if the response is streamed: a cache cannot keep it. */
function wholeResponse(name: string, response: HttpResponse | StreamedResponse): HttpResponse {
  if ('chunks' in response) throw new Error(`${name} has a cache and a streamed response`);
  return response;
}

/** @throws {Error} if the request has no such member. */
function checkHasMember(name: string, parts: Pick<AnySpec, 'params' | 'body'>, path: OwnedResource['id']): void {
  const [part, member = ''] = path.split('.') as ['params' | 'body', string?];
  const schema = parts[part];
  if (!(schema instanceof z.ZodObject) || !(member in schema.shape)) {
    throw new Error(`${name} has no valid access policy: its requests have no member ${path}`);
  }
}

/** All problems of a route: its own, and those that follow from its declaration. */
export function problemsOf(route: Route): Problem[] {
  const implied = [
    // Only bare routes ignore unknown parameters.
    !route.success.bare && 'validation-failed',
    ...(route.body ? (['malformed-json', 'payload-too-large', 'unsupported-media-type'] as const) : []),
    route.access !== 'public' && 'unauthenticated',
    route.access === 'admin' && 'forbidden',
    route.rateLimit && 'rate-limited',
  ] as const;
  const failures = route.success.bare ? [] : (['unavailable', 'overloaded', 'internal-error'] as const);
  const ownership = typeof route.owner === 'object' ? [route.owner.refusal] : [];
  const hiding = route.hidden ? [route.hidden.refusal] : [];
  const common = (codes: readonly (keyof typeof HTTP_PROBLEMS | false | undefined)[]) =>
    codes.flatMap((code) => (code ? [HTTP_PROBLEMS[code]] : []));
  return [...common(implied), ...ownership, ...hiding, ...(route.problems ?? []), ...common(failures)];
}

/** Refuses unknown query parameters, on every route. See docs/adr/0021. */
function strictQuery(query: Schema | undefined): Schema {
  return query instanceof z.ZodObject ? query.strict() : (query ?? z.strictObject({}));
}
