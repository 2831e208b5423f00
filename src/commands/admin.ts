import { openDatabaseServer } from '../database-server.js';
import { loadPasswordRules, NO_PASSWORD_RULES } from '../lib/auth/password-rules.js';
import { createPasswords } from '../lib/auth/passwords.js';
import { loadConfig, type Config } from '../lib/config/index.js';
import { openDatabase, type Database } from '../lib/db/database.js';
import { violatedConstraint } from '../lib/db/database-errors.js';
import { applyMigrations } from '../lib/db/migrations/migrate.js';
import { inTransaction } from '../lib/db/transaction.js';
import { ValidationError } from '../lib/errors/index.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { createDisposalStack } from '../lib/process/disposal-stack.js';
import { parseParts } from '../lib/validation/parse-parts.js';
import { RegisterBody } from '../modules/auth/auth.schema.js';
import { insertAdmin, lockAccount, lockAllAdmins, writeRole } from './admin/admin.queries.js';
import { readPassword } from './admin/read-password.js';
import { CommandError, runCommand } from './run-command.js';

const USAGE = `Usage:
  npm run admin -- create EMAIL [USERNAME]   creates an admin; the password is read from the terminal, or from stdin
  npm run admin -- grant EMAIL               makes an account an admin
  npm run admin -- revoke EMAIL              makes an admin a user
  npm run admin -- list                      lists the admins`;

/** The most arguments of each action, with its name. */
const MAX_ARGUMENTS: Readonly<Record<string, number>> = { create: 3, grant: 2, revoke: 2, list: 1 };

// npm run admin: creates admins, and grants and revokes the role. A running service follows within a second.
await runCommand(runAdmin, { takesArguments: true });

async function runAdmin(signal: AbortSignal): Promise<void> {
  const given = process.argv.slice(2);
  if (given.some((argument) => ['--help', '-h'].includes(argument))) {
    console.log(USAGE);
    return;
  }
  const [action = '', email = '', username = email.split('@')[0] ?? ''] = given;
  const isComplete = given.length <= (MAX_ARGUMENTS[action] ?? 0) && (action === 'list' || email !== '');
  if (!isComplete) throw new CommandError(USAGE);
  const config = loadConfig();
  // Before the database is opened: nothing waits for the person at the terminal.
  const account = action === 'create' ? await readAccount(config, { email, username }, signal) : undefined;

  const logger = createLogger(config, { destination: await prettyDestination() });
  const disposal = createDisposalStack(logger);
  try {
    const database = await openDatabaseServer(config, logger);
    disposal.add('the database', () => database.close());
    signal.throwIfAborted();
    await applyMigrations({ connectionString: database.directUrl, logger, signal });
    const { db, close } = openDatabase(database.url, { logger });
    disposal.add('the connections', close);
    if (account) await create(db, account);
    else if (action === 'list') await list(db);
    else await (action === 'grant' ? grant(db, email) : revoke(db, email));
  } finally {
    await disposal.closeAll();
  }
}

/** Reads the password, and checks everything by the rules of a registration. @throws {CommandError} */
async function readAccount(config: Config, names: { email: string; username: string }, signal: AbortSignal) {
  const body = { ...names, password: await readPassword(signal) };
  try {
    const { account } = parseParts({ account: RegisterBody }, { account: body }) as { account: RegisterBody };
    const rules = config.env === 'production' ? await loadPasswordRules() : NO_PASSWORD_RULES;
    rules.check('account.password', account.password, [account.username, account.email]);
    return account;
  } catch (error) {
    throw error instanceof ValidationError ? new CommandError(error.detail) : error;
  }
}

async function create(db: Database, { email, username, password }: RegisterBody): Promise<void> {
  const passwords = createPasswords();
  try {
    const passwordHash = await passwords.hash(password);
    await inTransaction(db, async (tx) => {
      if (await lockAccount(tx, email)) {
        throw new CommandError(`An account has this e-mail. To make it an admin: npm run admin -- grant ${email}`);
      }
      await insertAdmin(tx, { email, username, passwordHash });
    });
  } catch (error) {
    if (violatedConstraint(error) === 'users_username_key') {
      throw new CommandError(`The username ${username} is taken. Give another one: create ${email} USERNAME`);
    }
    throw error;
  } finally {
    await passwords.close();
  }
  console.log(`Created the admin ${username} (${email}).`);
}

async function grant(db: Database, email: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const account = await lockAccount(tx, email);
    if (!account || account.erasedAt) throw new CommandError(`No account has the e-mail ${email}.`);
    if (account.disabledAt) throw new CommandError(`The account ${email} is disabled. Enable it first.`);
    await writeRole(tx, account.id, 'admin');
  });
  console.log(`${email} is an admin.`);
}

async function revoke(db: Database, email: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const others = (await lockAllAdmins(tx)).filter(
      (admin) => admin.email.toLowerCase() !== email.toLowerCase() && !admin.disabledAt,
    );
    const account = await lockAccount(tx, email);
    if (!account) throw new CommandError(`No account has the e-mail ${email}.`);
    if (account.role === 'admin' && others.length === 0) {
      throw new CommandError(`${email} is the last admin. Make another account an admin first.`);
    }
    await writeRole(tx, account.id, 'user');
  });
  console.log(`${email} is no admin.`);
}

async function list(db: Database): Promise<void> {
  const admins = await inTransaction(db, lockAllAdmins);
  if (admins.length === 0) console.log('There is no admin. To create one: npm run admin -- create EMAIL');
  for (const { email, username, disabledAt } of admins) {
    console.log(`${email}  ${username}${disabledAt ? '  (disabled)' : ''}`);
  }
}
