import type { AccessPolicy, HiddenResource } from '../../../src/lib/auth/access-policy.js';
import { HTTP_PROBLEMS } from '../../../src/lib/errors/index.js';

/**
 * Every kind of client. A `user` owns nothing, the `owner` has what the request names, and the `other user` has another
 * resource of the same kind. The tokens of the last three were valid once.
 */
export const CALLERS = [
  'anonymous',
  'user',
  'owner',
  'other user',
  'admin',
  'disabled',
  'deleted',
  'ended token',
] as const;
export type Caller = (typeof CALLERS)[number];

/** What a policy promises to a caller: the request is served, or refused. */
export type Verdict =
  | { readonly kind: 'served' }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly authenticate: string | null };

const SERVED: Verdict = { kind: 'served' };
const refused = ({ status, code }: { status: number; code: string }, authenticate: string | null = null): Verdict => ({
  kind: 'refused',
  status,
  code,
  authenticate,
});

/** Whether a socket may connect with the token of a caller. */
export const mayConnect = (caller: Caller) => caller !== 'disabled' && caller !== 'deleted' && caller !== 'ended token';

/** Returns what follows from a policy for a caller whose request is valid and names a hidden resource. */
export function verdictOnHidden({ refusal }: HiddenResource, caller: Caller): Verdict {
  return caller === 'admin' ? SERVED : refused(refusal);
}

/** Returns what follows from a policy for a caller whose request is valid. */
export function verdictOf({ access, owner }: AccessPolicy, caller: Caller): Verdict {
  if (access === 'public') return SERVED;
  if (caller === 'anonymous') return refused(HTTP_PROBLEMS.unauthenticated, 'Bearer');
  if (caller === 'disabled' || caller === 'deleted' || caller === 'ended token') {
    return refused(HTTP_PROBLEMS.unauthenticated, 'Bearer error="invalid_token"');
  }
  if (caller === 'admin') {
    return typeof owner === 'object' && !owner.admin ? refused(owner.refusal) : SERVED;
  }
  if (access === 'admin') return refused(HTTP_PROBLEMS.forbidden);
  return typeof owner === 'object' && caller !== 'owner' ? refused(owner.refusal) : SERVED;
}
