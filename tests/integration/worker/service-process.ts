// A process that runs the whole service, worker and all, and prints its port. On request it stops itself (SIGSTOP) once,
// and says so, the moment PostgreSQL has answered a statement of a sweep.
// node --import tsx service-process.ts <connection string> <JSON: StoppingPlan or null>
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { parseConfig } from '../../../src/lib/config/index.js';
import type { PgClientClass } from '../../../src/lib/db/database.js';
import { startService } from '../../../src/service.js';
import { interceptStatements } from '../../helpers/statements.js';

/** When the process stops, and which protection it goes without. */
export interface StoppingPlan {
  /** A regular expression: the statement after whose answer it stops. */
  readonly after: string;
  /** Taken out of every statement, if it is there. */
  readonly without?: string;
}

/** Printed by a process that stops itself. */
const STOPPED = 'stopped';

const [databaseUrl, planText = 'null'] = process.argv.slice(2);
const plan = JSON.parse(planText) as StoppingPlan | null;

function stopping({ after, without = '' }: StoppingPlan): PgClientClass {
  let armed = true;
  return interceptStatements({
    change: (sql) => sql.replace(without, ''),
    answered(sql) {
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
