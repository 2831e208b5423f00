import jwt from 'jsonwebtoken';
import { DEMO_ACCOUNTS } from '../../../src/seed/demo-data.js';
import { isDocumented, routeOf } from './declared-routes.js';
import { addressesOf, searchText, type Allowed } from './secrets.js';

/** A response of the service and what is known of its request. */
export interface Answer {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly status: number;
  readonly authorization: string | undefined;
  /** The `email` of the request's body, if it was read. */
  readonly sentEmail?: string | undefined;
  readonly text: string;
}

/** By id of the account. */
const knownEmails = new Map<string, string>();
const MAX_KNOWN_EMAILS = 20_000;

/** Records the e-mail of an account: a response may show no other as that of this account. */
export function recordAccount({ id, email }: { readonly id: string; readonly email: string }): void {
  knownEmails.set(id, email.toLowerCase());
  const [oldest] = knownEmails.keys();
  if (knownEmails.size > MAX_KNOWN_EMAILS && oldest !== undefined) knownEmails.delete(oldest);
}

/** Records the secrets of a response, and the e-mails that its route does not show to the account of its token. */
export function searchAnswer(answer: Answer): void {
  const [path = ''] = answer.url.split('?');
  searchText(answer.text, `the response ${answer.status} to ${answer.method} ${path}`, () => allowedIn(answer, path));
}

function allowedIn(answer: Answer, path: string): Allowed {
  const { method, status, text } = answer;
  const route = routeOf(method, path);
  // `instance` of a problem is the path that the client sent.
  const sent = addressesOf(path);
  if (status >= 400) return { token: path.includes('eyJ'), email: (address) => sent.includes(address) };
  if (!route) return { token: false, email: isOnPages };
  if (status >= 300) return { token: false, email: () => false };
  const returnsToken = route.returnsToken === true;
  const body = parse(text);
  // Who signs in is the subject of the token in the response, whatever token the request has.
  const viewer = subjectOf(route.access === 'public' && returnsToken ? tokenIn(body) : answer.authorization);
  const admits = typeof route.owner === 'object' ? route.owner.admin : route.access === 'admin';
  if (viewer?.role === 'admin' && admits) return { token: returnsToken, email: () => true };
  const own = viewer ? emailsOf(body, viewer.id, answer.sentEmail) : new Set<string>();
  return { token: returnsToken, email: (address) => own.has(address) };
}

/** The documentation has examples, and the sign-in page of development offers the demo accounts. */
const isOnPages = (address: string) => isDocumented(address) || DEMO_ACCOUNTS.some(({ email }) => email === address);

/** The subject of a token that the service has issued, or accepted by serving the request. */
function subjectOf(authorization: string | undefined): { id: string; role: unknown } | null {
  const claims = jwt.decode(authorization?.replace(/^bearer +/i, '') ?? '', { json: true });
  return claims?.sub === undefined ? null : { id: claims.sub, role: claims.role as unknown };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function tokenIn(body: unknown): string | undefined {
  const { data } = (body ?? {}) as { data?: { token?: string } };
  return data?.token;
}

/**
 * Returns the e-mails that a body shows as those of an account, by its `id` beside them, unless they are known to be others. A
 * part of a streamed body cannot be parsed: it may show the known one.
 */
function emailsOf(body: unknown, id: string, sentEmail: string | undefined): Set<string> {
  const expected = [sentEmail?.trim().toLowerCase(), knownEmails.get(id)].filter((email) => email !== undefined);
  if (body === null) return new Set(expected);
  const emails = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const { id: owner, email } = value as { id?: unknown; email?: unknown };
    if (owner === id && typeof email === 'string') emails.add(email.toLowerCase());
    Object.values(value).forEach(visit);
  };
  visit(body);
  return new Set([...emails].filter((email) => expected.length === 0 || expected.includes(email)));
}
