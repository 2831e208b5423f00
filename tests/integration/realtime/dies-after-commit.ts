// A process that runs the whole service, and dies the moment PostgreSQL has committed its next change of a drop, before it
// can tell anybody.
// node --import tsx dies-after-commit.ts <connection string> <drop id> <user id>
import pg from 'pg';
import { pino } from 'pino';
import { parseConfig } from '../../../src/lib/config/index.js';
import type { PgClientClass } from '../../../src/lib/db/database.js';
import { startService } from '../../../src/service.js';

const [databaseUrl, dropId, userId = ''] = process.argv.slice(2);
let armed = false;

type Send = (call: string | { text: string }, ...rest: unknown[]) => unknown;

const PgClient: PgClientClass = class extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as Send;
    const query: Send = (call, ...rest) => {
      const text = typeof call === 'string' ? call : call.text;
      const answer = send(call, ...rest);
      if (armed && text === 'COMMIT')
        void (answer as Promise<unknown>).then(() => process.kill(process.pid, 'SIGKILL'));
      return answer;
    };
    this.query = query as typeof this.query;
  }
};

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
