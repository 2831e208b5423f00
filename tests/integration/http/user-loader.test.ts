import { expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { recordedStatements } from '../../helpers/statements.js';
import { withPause } from '../../helpers/without-protection.js';

function accountOf({ context: { authentication } }: TestApp, { token }: TestUser) {
  return authentication.accountOf(authentication.subjectOf(`Bearer ${token}`));
}

it('one query loads the users of concurrent requests', async () => {
  const PgClient = recordedStatements();
  const app = await startTestApp({ PgClient });
  try {
    const users = await app.createUsers(200);
    PgClient.take();
    const found = await Promise.all(users.map((user) => accountOf(app, user)));
    expect(found).toMatchObject(users.map(({ id, username }) => ({ id, username, role: 'user' })));
    expect(PgClient.take()).toHaveLength(1);
  } finally {
    await app.close();
  }
});

it('a request never gets a user from a query that began before the request', async () => {
  const PgClient = withPause('FROM users u WHERE', 'FROM users u CROSS JOIN pg_sleep(1.5) WHERE');
  const app = await startTestApp({ PgClient });
  try {
    const [user, other] = [await app.createUser(), await app.createUser()];
    const before = accountOf(app, user);
    await until('the query to start', async () => {
      const { rowCount } = await app.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
      return rowCount === 1;
    });
    await app.database.query('DELETE FROM users WHERE id = $1', [user.id]);
    const after = accountOf(app, user);
    const otherUser = accountOf(app, other);
    await expect(before).resolves.toMatchObject({ id: user.id });
    await expect(after).rejects.toThrow('Your account no longer exists');
    await expect(otherUser).resolves.toMatchObject({ id: other.id });
    PgClient.assertUsed();
  } finally {
    await app.close();
  }
});
