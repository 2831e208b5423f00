import pg from 'pg';
import { withoutPrismaParameters } from '../../src/lib/db/session-settings.js';

/** The server for the databases of one test run: plain data, since vitest passes it from its process to the workers. */
export interface TestServer {
  /** An existing database, for CREATE and DROP DATABASE; nothing is written into it. */
  url: string;
  /** The prefix of the names of this run's databases. */
  prefix: string;
  /** A migrated and otherwise empty database. It allows no connections, since a database in use cannot be copied. */
  template: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

/** Returns the connection string of another database on the same server. */
export function urlOfDatabase(url: string, name: string): string {
  const other = new URL(withoutPrismaParameters(url));
  other.pathname = `/${name}`;
  return other.toString();
}

/** Runs `work` with a new connection, and closes it afterwards. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withoutPrismaParameters(url) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
