import type { FuzzRequest } from './cases.js';
import { mismatchOf } from './openapi.js';

export interface FuzzResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Returns what is wrong with a response; null if nothing is. */
type Check = (request: FuzzRequest, response: FuzzResponse) => string | null;

/** Statuses of refusals, by the documentation of Schemathesis. */
const REFUSALS = [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 428, 429];
/** Statuses of valid requests that are refused because of the state of the data: 410 and 422 are those of this API. */
const REFUSALS_BY_STATE = [401, 403, 404, 409, 410, 422, 429];

const isJson = (type: string | undefined) => /^application\/(problem\+)?json\b/.test(type ?? '');

function documented({ operation }: FuzzRequest, { status }: FuzzResponse) {
  return Object.hasOwn(operation.responses, status) ? operation.responses[status] : undefined;
}

/** Whether a request reached its operation. Others are answered by the router, whose problems no operation documents. */
const isRouted = ({ intent }: FuzzRequest) => intent !== 'unsupported method';

function bodyOf({ text }: FuzzResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAServerError(_request: FuzzRequest, { status, text }: FuzzResponse) {
  return status >= 500 ? `status ${status}: ${text}` : null;
}

function statusCodeConformance(request: FuzzRequest, response: FuzzResponse) {
  return isRouted(request) && !documented(request, response) ? `status ${response.status} is not documented` : null;
}

function contentTypeConformance(request: FuzzRequest, response: FuzzResponse) {
  const type = response.headers['content-type'] ?? 'none';
  const allowed = Object.keys(documented(request, response)?.content ?? { 'application/problem+json': null });
  return allowed.includes(type.split(';', 1)[0] ?? '') ? null : `content type ${type} instead of ${allowed.join(', ')}`;
}

function responseHeadersConformance(request: FuzzRequest, response: FuzzResponse) {
  for (const [name, { required, schema }] of Object.entries(documented(request, response)?.headers ?? {})) {
    const value = response.headers[name.toLowerCase()];
    if (value === undefined && required === true) return `the header ${name} is missing`;
    const converted = schema.type === 'integer' ? Number(value) : value;
    const mismatch = value === undefined ? null : mismatchOf(schema, converted);
    if (mismatch !== null) return `the header ${name}: ${mismatch}`;
  }
  return null;
}

function responseSchemaConformance(request: FuzzRequest, response: FuzzResponse) {
  if (!isJson(response.headers['content-type'])) return null;
  const body = bodyOf(response);
  if (body === undefined) return 'the body is not JSON';
  const [content] = Object.values(documented(request, response)?.content ?? {});
  const mismatch = content ? mismatchOf(content.schema, body) : null;
  return mismatch === null ? null : `the body does not match its schema: ${mismatch}`;
}

function negativeDataRejection({ intent }: FuzzRequest, { status }: FuzzResponse) {
  return intent === 'invalid' && !REFUSALS.includes(status) ? `an invalid request got ${status}` : null;
}

/** A new start or end of a drop is compared with the stored other one, and the 400 names the field. */
function isRefusedByStoredTime(operationId: string, text: string): boolean {
  if (operationId !== 'changeDrop') return false;
  const { errors = [] } = JSON.parse(text) as { errors?: { path: string; message: string }[] };
  const stored = ['body.dropStartsAt must be before the end', 'body.dropEndsAt must be after the start'];
  return errors.length > 0 && errors.every(({ path, message }) => stored.includes(`${path} ${message}`));
}

function positiveDataAcceptance({ intent, operation }: FuzzRequest, { status, text }: FuzzResponse) {
  const isAccepted =
    status < 300 ||
    REFUSALS_BY_STATE.includes(status) ||
    (status === 400 && isRefusedByStoredTime(operation.operationId, text));
  return intent === 'valid' && !isAccepted ? `a valid request got ${status}: ${text}` : null;
}

function missingRequiredHeader({ intent, operation, body }: FuzzRequest, { status }: FuzzResponse) {
  if (intent === 'no token') return status === 401 ? null : `without Authorization the status is ${status}`;
  // The content type of a body is the only other header that is required.
  const isRefused = [400, 401, 403, 406, 415, 422, 429].includes(status);
  const isMissing = intent === 'missing header' && operation.body !== null && body !== undefined;
  return isMissing && !isRefused ? `without a required header the status is ${status}` : null;
}

function unsupportedMethod({ intent, operation, method }: FuzzRequest, { status, headers }: FuzzResponse) {
  if (intent !== 'unsupported method') return null;
  if (status !== 405) return `the method ${method} got ${status} instead of 405`;
  const allowed = headers.allow?.split(', ').filter((name) => name !== 'HEAD') ?? [];
  const isSame = [...allowed].sort().join() === [...operation.methods].sort().join();
  return isSame ? null : `Allow has ${allowed.join(', ')} instead of ${operation.methods.join(', ')}`;
}

function ignoredAuth({ intent, operation }: FuzzRequest, { status }: FuzzResponse) {
  const isRefused = status === 401 || status === 403;
  const hasNoAuth = intent === 'no token' || intent === 'bad token';
  return operation.needsToken && hasNoAuth && !isRefused ? `with ${intent} the status is ${status}` : null;
}

function wrongContentTypeRejection({ intent, operation, as }: FuzzRequest, { status }: FuzzResponse) {
  const expected = operation.needsToken && as === 'none' ? [401] : [401, 403, 415];
  return intent === 'wrong content type' && !expected.includes(status) ? `a wrong content type got ${status}` : null;
}

/** The checks of a single response, by the names that Schemathesis gives them; the last one is an addition. */
export const CHECKS: Readonly<Record<string, Check>> = {
  not_a_server_error: notAServerError,
  status_code_conformance: statusCodeConformance,
  content_type_conformance: contentTypeConformance,
  response_headers_conformance: responseHeadersConformance,
  response_schema_conformance: responseSchemaConformance,
  negative_data_rejection: negativeDataRejection,
  positive_data_acceptance: positiveDataAcceptance,
  missing_required_header: missingRequiredHeader,
  unsupported_method: unsupportedMethod,
  ignored_auth: ignoredAuth,
  unsupported_media_type: wrongContentTypeRejection,
};

/** Returns the complaints of all checks, with their names. */
export function complaintsAbout(request: FuzzRequest, response: FuzzResponse): string[] {
  return Object.entries(CHECKS).flatMap(([name, check]) => {
    const complaint = check(request, response);
    return complaint === null ? [] : [`${name}: ${complaint}`];
  });
}

/**
 * The check of a resource that was created: `ensure_resource_availability`.
 *
 * @param read the response to reading it, or the list that has it.
 */
export function ensureResourceAvailability(id: string, { status, text }: FuzzResponse): string | null {
  return status === 200 && text.includes(id) ? null : `${id} was created, and reading it got ${status}`;
}

/**
 * The check of a resource that was deleted: `use_after_free`.
 *
 * @param read the response to reading it, or the list that had it.
 */
export function useAfterFree(id: string, { status, text }: FuzzResponse): string | null {
  const isGone = status === 404 || status === 410 || (status === 200 && !text.includes(id));
  return isGone ? null : `${id} was deleted, and reading it got ${status}`;
}
