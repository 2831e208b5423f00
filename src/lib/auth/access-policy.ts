import type { Problem } from '../errors/index.js';

/**
 * Which clients may send a request: all (`public`), users, or admins. `token` means the subject of a token: the handler loads
 * the account together with other rows, and throws TokenEndedError before any other refusal.
 */
export type Access = 'public' | 'token' | 'user' | 'admin';

/** A resource that belongs to an account, and the id of which is a part of the request. */
export interface OwnedResource {
  /** For people: `reservation`. */
  readonly resource: string;
  /** Where the request has the id of the resource: `params.id`. */
  readonly id: `${'params' | 'body'}.${string}`;
  /** Whether an admin may do what the owner may. */
  readonly admin: boolean;
  /** The problem for every other account. */
  readonly refusal: Problem;
}

/**
 * Whose data a request concerns: that of no account (`none`), that of the account that sends it (`caller`), or a resource which
 * only its owner may use.
 */
export type Owner = 'none' | 'caller' | OwnedResource;

/** A kind of resource that a public request shows to admins only. */
export interface HiddenResource {
  /** For people: `draft`. */
  readonly resource: string;
  /** The problem for everyone else: the one for a resource that does not exist. */
  readonly refusal: Problem;
}

export interface AccessPolicy {
  readonly access: Access;
  readonly owner: Owner;
  /** Left out: the response does not depend on who sends the request. Only for public requests. */
  readonly hidden?: HiddenResource;
}

const ACCESS: readonly unknown[] = ['public', 'token', 'user', 'admin'] satisfies Access[];

/**
 * Checks the declaration of a route or a socket request when the service starts.
 *
 * @param name of the route or the request, for the error.
 * @throws {Error} if the declaration does not say who may send the request, or contradicts itself.
 */
export function checkAccessPolicy(name: string, { access, owner, hidden }: Partial<AccessPolicy>): void {
  const fail = (problem: string) => new Error(`${name} has no valid access policy: ${problem}`);
  if (!ACCESS.includes(access)) throw fail(`access must be one of ${ACCESS.join(', ')}`);
  if (owner === undefined) throw fail('owner must be none, caller, or the resource that only its owner may use');
  if (access === 'public' && owner !== 'none') throw fail('a public request has no caller who could own anything');
  if (access !== 'public' && hidden) throw fail('only a public request can hide a resource from all but admins');
  if (access === 'admin' && typeof owner === 'object') throw fail('an admin may use the resources of all owners');
}

/** Who may send a request, as a sentence for documents. */
export function describeAccessPolicy({ access, owner, hidden }: AccessPolicy): string {
  if (hidden) {
    const { resource, refusal } = hidden;
    return `Needs no token. A ${resource} is shown to admins only: all others get ${refusal.status} \`${refusal.code}\`.`;
  }
  if (access === 'public') return 'Needs no token.';
  if (access === 'admin') return 'Only for admins.';
  if (typeof owner === 'string') {
    return owner === 'caller' ? 'For every account, and for its own data only.' : 'For every account.';
  }
  const { resource, admin, refusal } = owner;
  const others = `All other accounts get ${refusal.status} \`${refusal.code}\`.`;
  return `Only for the owner of the ${resource}${admin ? ', and for admins' : ''}. ${others}`;
}
