// Runs the whole service with its worker and prints the port. With a plan, the process prints STOPPED and stops itself
// (SIGSTOP) once, as soon as PostgreSQL has completed the planned statement.
// Usage: node --import tsx service-process.ts <connection string> <JSON: StoppingPlan or null>
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { parseConfig } from '../../../src/lib/config/index.js';
import type { PgClientClass } from '../../../src/lib/db/database.js';
import { startService } from '../../../src/service.js';
import { interceptStatements } from '../../helpers/statements.js';

/** When the process stops itself, and which protection is disabled. */
export interface StoppingPlan {
  /** Regular expression of the statement; the process stops after its response. */
  readonly after: string;
  /** Text that is removed from every statement. */
  readonly removedSql?: string;
}

const STOPPED = 'stopped';

const [databaseUrl, planText = 'null'] = process.argv.slice(2);
const plan = JSON.parse(planText) as StoppingPlan | null;

function stopping({ after, removedSql = '' }: StoppingPlan): PgClientClass {
  let armed = true;
  return interceptStatements({
    rewrite: (sql) => sql.replace(removedSql, ''),
    onCompleted(sql) {
      if (!armed || !new RegExp(after).test(sql)) return;
      armed = false;
      writeSync(process.stdout.fd, STOPPED);
      process.kill(process.pid, 'SIGSTOP');
    },
  });
}

const config = parseConfig({
  NODE_ENV: 'test',
  ROLE: 'all',
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  JWT_SECRET: 'a secret that is long enough for a test',
});
const service = await startService(config, {
  logger: pino({ level: 'silent' }),
  pollLedger: false,
  ...(plan && { PgClient: stopping(plan) }),
});
process.on('SIGTERM', () => void service.stop().then(() => process.exit()));
console.log(service.port);
