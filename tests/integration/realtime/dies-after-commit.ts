// Runs the service, and kills the process when PostgreSQL has committed its next change of a drop, before it is published.
// node --import tsx dies-after-commit.ts <connection string> <drop id> <user id>
import { pino } from 'pino';
import { parseConfig } from '../../../src/lib/config/index.js';
import { startService } from '../../../src/service.js';
import { interceptStatements } from '../../helpers/statements.js';

const [databaseUrl, dropId, userId = ''] = process.argv.slice(2);
let armed = false;

const PgClient = interceptStatements({
  onCompleted(sql) {
    if (armed && sql === 'COMMIT') process.kill(process.pid, 'SIGKILL');
  },
});

const config = parseConfig({
  NODE_ENV: 'test',
  ROLE: 'api',
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  JWT_SECRET: 'a secret that is long enough for a test',
});
const { context, port } = await startService(config, { logger: pino({ level: 'silent' }), PgClient });
armed = true;
await fetch(`http://127.0.0.1:${port}/api/reservations`, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${context.tokens.sign({ id: userId, role: 'user' })}`,
  },
  body: JSON.stringify({ dropId }),
});
