import pg from 'pg';
import { withoutPrismaParameters } from '../../src/lib/db/session-settings.js';

/** Where the databases of one test run are made: plain data, since vitest carries it from its process to the workers. */
export interface TestServer {
  /** A database that exists already; it is connected to for CREATE and DROP DATABASE and never written to. */
  url: string;
  /** Begins the name of every database of this run, and of no other. */
  prefix: string;
  /** A migrated and otherwise empty database. Nobody can connect to it: it could not be copied meanwhile. */
  template: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

/** The connection string of another database on the same server. */
export function urlOfDatabase(url: string, name: string): string {
  const other = new URL(withoutPrismaParameters(url));
  other.pathname = `/${name}`;
  return other.toString();
}

/** Runs `work` on a connection of its own, and closes that. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withoutPrismaParameters(url) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
