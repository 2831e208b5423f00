import pg from 'pg';
import { loadConfig } from '../lib/config/index.js';
import { findRunningEmbeddedPostgres } from '../embedded-postgres/index.js';
import { schemaOf, withoutPrismaParameters } from '../lib/db/session-settings.js';
import { CommandError, runCommand } from './run-command.js';

// npm run -s db:url: prints only the connection string, for `psql "$(npm run -s db:url)"`.
await runCommand(async () => {
  const { database, dataDir } = loadConfig();
  const url = database.url ?? (await findRunningEmbeddedPostgres(dataDir));
  if (!url) {
    throw new CommandError(
      'The embedded PostgreSQL is not running, so there is nothing to connect to. Start it with `npm start` or ' +
        '`npm run studio`, and leave that running.',
    );
  }
  // psql and other tools refuse unknown parameters, and find a schema by their search path.
  const address = new URL(withoutPrismaParameters(url));
  const schema = schemaOf(url);
  if (schema !== 'public') {
    const path = pg.escapeIdentifier(schema).replace(/[\\ ]/g, '\\$&');
    address.searchParams.set(
      'options',
      `${address.searchParams.get('options') ?? ''} -csearch_path=${path}`.trimStart(),
    );
  }
  console.log(address.href.replaceAll('+', '%20'));
});
