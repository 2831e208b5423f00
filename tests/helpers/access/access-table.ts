import { describeAccessPolicy, type AccessPolicy } from '../../../src/lib/auth/access-policy.js';
import { CALLERS, mayConnect, verdictOf, verdictOnHidden, type Caller, type Verdict } from './expected.js';

const INTRODUCTION = `# Who may do what

The columns are the kinds of clients: without a token, an account that owns nothing, the owner of what the request names, another
account that owns a resource of the same kind, an admin, and tokens that were valid once. \`yes\` means that the request is served;
a number is the status of the refusal. A public request over HTTP is served whatever its token
is, and the same to every client, but for what is hidden from all but admins, which has a row of its own. A socket with a worthless
token is refused.

The table is written and checked by the [access matrix](../tests/integration/guards/access-matrix.test.ts), which sends every
request as each client: \`npx vitest run tests/integration/guards/access-matrix.test.ts -u\`.
`;

const inWords = (verdict: Verdict) => (verdict.kind === 'served' ? 'yes' : String(verdict.status));

type Policies = Readonly<Record<string, AccessPolicy>>;

/** Renders the policies of routes and socket requests, by name, as a document. */
export function accessDocument(routes: Policies, socketRequests: Policies): string {
  const rows = Object.entries({ ...routes, ...socketRequests }).flatMap(([name, policy]) => {
    const row = (request: string, cellOf: (caller: Caller) => string) =>
      `| ${request} | ${CALLERS.map(cellOf).join(' | ')} | ${describeAccessPolicy(policy)} |`;
    const isSocketRequest = name in socketRequests;
    const own = row(`\`${name}\``, (caller) =>
      isSocketRequest && !mayConnect(caller) ? 'not connected' : inWords(verdictOf(policy, caller)),
    );
    const { hidden } = policy;
    if (!hidden) return [own];
    return [own, row(`\`${name}\` of a ${hidden.resource}`, (caller) => inWords(verdictOnHidden(hidden, caller)))];
  });
  const head = `| Request | ${CALLERS.join(' | ')} | In words |`;
  return [INTRODUCTION, head, `| - |${CALLERS.map(() => ' - |').join('')} - |`, ...rows, ''].join('\n');
}
