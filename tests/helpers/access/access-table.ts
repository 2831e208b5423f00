import { describeAccessPolicy, type AccessPolicy } from '../../../src/lib/auth/access-policy.js';
import { CALLERS, mayConnect, verdictOf } from './expected.js';

const INTRODUCTION = `# Who may do what

The columns are the kinds of clients: without a token, an account that owns nothing, the owner of what the request names, another
account that owns a resource of the same kind, an admin, and tokens that were valid once. \`yes\` means that the request is served;
a number is the status of the refusal. Public requests over HTTP ignore tokens; a socket with a worthless one is refused.

The table is written and checked by the [access matrix](../tests/integration/guards/access-matrix.test.ts), which sends every
request as each client: \`npx vitest run tests/integration/guards/access-matrix.test.ts -u\`.
`;

type Policies = Readonly<Record<string, AccessPolicy>>;

/** Renders the policies of routes and socket requests, by name, as a document. */
export function accessDocument(routes: Policies, socketRequests: Policies): string {
  const rows = Object.entries({ ...routes, ...socketRequests }).map(([name, policy]) => {
    const cells = CALLERS.map((caller) => {
      if (name in socketRequests && !mayConnect(caller)) return 'not connected';
      const verdict = verdictOf(policy, caller);
      return verdict.kind === 'served' ? 'yes' : String(verdict.status);
    });
    return `| \`${name}\` | ${cells.join(' | ')} | ${describeAccessPolicy(policy)} |`;
  });
  const head = `| Request | ${CALLERS.join(' | ')} | In words |`;
  return [INTRODUCTION, head, `| - |${CALLERS.map(() => ' - |').join('')} - |`, ...rows, ''].join('\n');
}
