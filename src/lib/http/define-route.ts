import { hash } from 'node:crypto';
import { z } from 'zod';
import type { AuthenticatedUser, TokenSubject } from '../auth/authenticate.js';
import type { CancellationSignal } from '../batcher.js';
import type { ProblemCode } from '../errors/index.js';
import type { TtlCache } from '../ttl-cache.js';
import { parseParts } from '../validation/parse-parts.js';
import type { RateLimitName } from './rate-limits.js';
import type { Answer } from './send.js';

/**
 * Who may call: anybody, somebody signed in, or an admin. Of a `holder` of a token the account is looked up only when the
 * answer is a problem: for handlers that cannot succeed without one, whatever they write refers to it by a foreign key.
 */
export type Access = 'public' | 'token' | 'user' | 'admin';
type Callers = { public: null; token: TokenSubject; user: AuthenticatedUser; admin: AuthenticatedUser };

type Schema = z.ZodType;

/** What a handler is given: each part parsed by its schema. */
export interface RouteInput<A extends Access, P extends Schema, Q extends Schema, H extends Schema, B extends Schema> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly headers: z.output<H>;
  readonly body: z.output<B>;
  readonly user: Callers[A];
  /** Tells whether the client has gone before its answer. */
  readonly signal: CancellationSignal;
}

/** What a handler answers: the envelope's members, and headers beside them. */
export interface Reply<Data, Meta = undefined> {
  readonly message?: string;
  readonly data: Data;
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
  /** As Express writes it: `/api/drops/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: A;
  readonly rateLimit?: RateLimitName;
  /** Keeps its answers for a moment, one for each query. For what is shown alike to everybody who asks. */
  readonly cache?: TtlCache<Answer>;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly body?: B;
  readonly success: {
    readonly status: 200 | 201;
    readonly description: string;
    readonly data: D;
    readonly meta?: M;
    /** Answered as it is, without the envelope: for orchestrators and tools. */
    readonly bare?: boolean;
  };
  /** The problems of its own; those that follow from access, body and rate limit are added. */
  readonly problems?: readonly ProblemCode[];
  readonly handler: (
    input: RouteInput<A, P, Q, H, B>,
  ) => Reply<z.input<D>, z.input<M>> | Promise<Reply<z.input<D>, z.input<M>>>;
}

/** A request as it came in. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly user: TokenSubject | null;
  readonly signal: CancellationSignal;
}

type AnySpec = RouteSpec<Access, Schema, Schema, Schema, Schema, Schema, Schema>;

/** One row of the API: enough to serve it and to document it. */
export interface Route extends Omit<AnySpec, 'handler'> {
  /**
   * Parses the request, calls the handler, wraps what it answers and writes it out. What is read has an ETag.
   *
   * @param checkAnswer also parse the answer by its schema, so that document and answers cannot drift apart.
   * @throws {ValidationError} naming every field that is not as the schemas say.
   */
  respond(request: RequestParts, checkAnswer: boolean): Promise<Answer>;
}

/** Declares an endpoint once: Express's route, validation, the handler's types and the OpenAPI operation come from it. */
export function defineRoute<
  A extends Access,
  D extends Schema,
  P extends Schema = z.ZodUndefined,
  Q extends Schema = z.ZodUndefined,
  H extends Schema = z.ZodUndefined,
  B extends Schema = z.ZodUndefined,
  M extends Schema = z.ZodUndefined,
>(spec: RouteSpec<A, P, Q, H, B, D, M>): Route {
  const { handler, ...row } = spec;
  const { success } = spec;
  // A health check that is called with a parameter too many must not make a healthy service look dead.
  const query = success.bare ? spec.query : strictQuery(spec.query);
  return {
    ...row,
    async respond(request, checkAnswer) {
      const parts = parseParts({ params: spec.params, query, headers: spec.headers, body: spec.body }, request);
      const input = { ...parts, user: request.user, signal: request.signal } as RouteInput<A, P, Q, H, B>;
      const answer = async (): Promise<Answer> => {
        const { message, data, meta, headers = {} } = await handler(input);
        if (checkAnswer) {
          success.data.parse(data);
          success.meta?.parse(meta);
        }
        const json = JSON.stringify(success.bare ? data : { status: 'success', message, data, meta });
        if (spec.method !== 'get') return { status: success.status, headers, body: json };
        const body = Buffer.from(json);
        return { status: success.status, headers, body, etag: etagOf(body) };
      };
      return spec.cache ? spec.cache.get(JSON.stringify(parts.query), answer) : answer();
    },
  };
}

/** Unknown parameters are refused on every route. See docs/adr/0021. */
function strictQuery(query: Schema | undefined): Schema {
  return query instanceof z.ZodObject ? query.strict() : (query ?? z.strictObject({}));
}

/** A strong one: the same only for the very same bytes. */
function etagOf(body: Buffer): string {
  return `"${hash('sha1', body, 'base64')}"`;
}
