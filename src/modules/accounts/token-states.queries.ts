import type { TokenState, TokenSubject } from '../../lib/auth/authenticate.js';
import type { Database } from '../../lib/db/database.js';
import { textList, uuidList } from '../../lib/db/sql.js';

export interface DatedTokenState extends TokenState {
  /** The snapshot of the statement, as pg_current_snapshot() writes it. */
  readonly snapshot: string;
}

/** The states of these tokens, in their order. A token of an account that does not exist is refused as `deleted`. */
export async function findTokenStates(
  db: Database,
  subjects: readonly TokenSubject[],
): Promise<readonly DatedTokenState[]> {
  const userIds = uuidList(subjects.map(({ id }) => id));
  const versions = subjects.map(({ token }) => token.version).join(',');
  const tokenIds = textList(subjects.map(({ token }) => token.id));
  const [{ states, snapshot }] = await db.$queryRaw<[{ states: TokenState[]; snapshot: string }]>`
    SELECT pg_current_snapshot()::text AS snapshot,
      json_agg(json_build_object(
        'refusal', CASE WHEN account.id IS NULL THEN 'deleted' ELSE account.refusal END,
        'username', account.username, 'email', account.email, 'role', account.role) ORDER BY requested.position) AS states
    FROM unnest(
      string_to_array(${userIds}, ',')::uuid[],
      string_to_array(${versions}, ',')::int[],
      string_to_array(${tokenIds}, chr(10), '')::uuid[]
    ) WITH ORDINALITY AS requested(user_id, token_version, token_id, position)
    -- OFFSET 0 makes PostgreSQL look up each user; a join could read all users.
    LEFT JOIN LATERAL (
      SELECT u.id, u.username, u.email, u.role,
        CASE WHEN u.erased_at IS NOT NULL THEN 'deleted'
             WHEN u.disabled_at IS NOT NULL THEN 'disabled'
             WHEN u.token_version <> requested.token_version THEN 'signed-out'
             WHEN u.has_ended_tokens AND (SELECT e.id FROM ended_tokens e WHERE e.id = requested.token_id) IS NOT NULL
             THEN 'signed-out' END AS refusal
      FROM users u WHERE u.id = requested.user_id OFFSET 0) account ON true`;
  return states.map((state) => ({ ...state, snapshot }));
}
