import type { LintCase } from './skeleton.js';

/** A publish within a function that takes a transaction, by a port of its own and as a member; and one after it. */
function publishCase(name: string, file: string, parameters: string, transaction: string): LintCase {
  const declarations = `interface Transaction { run: () => Promise<void> }
declare const publish: (event: string) => void;
declare const ports: { publish: (event: string) => void }[];
export const used = async ${parameters} => {
  await ${transaction}.run();`;
  return {
    rule: 'no-restricted-syntax',
    name: `a publish in ${name}`,
    file,
    bad: `${declarations}
  ports.forEach((port) => { port.publish('new_drop'); });
  publish('new_drop');
};`,
    findings: 2,
    good: `${declarations}
};
export const after = () => { publish('new_drop'); };
export const all = () => { ports.forEach((port) => { port.publish('new_drop'); }); };`,
  };
}

/** What belongs to this service and not to any, in files of src/lib. */
function libraryCases(): LintCase[] {
  const cases: [name: string, bad: string, good: string][] = [
    [
      'a code of the contract',
      "export const used = { code: 'already-reserved' };",
      "export const used = { code: 'forbidden' };",
    ],
    ['the name of the service', "export const used = 'drop-inventory';", "export const used = 'dropped, dropping';"],
    ['a table in SQL', 'export const used = `SELECT 1 FROM users u`;', 'export const used = `SELECT 1 FROM pg_roles`;'],
    [
      'a model of Prisma',
      'export const used = (db: { user: unknown }) => db.user;',
      'export const used = (db: { role: unknown }) => db.role;',
    ],
    ['a word of the domain in a name', 'export const totalStock = 1;', 'export const total = 1;'],
    ['the name of a rate limit', 'export const used = { purchase: 100 };', 'export const used = { limit: 100 };'],
  ];
  return cases.map(([name, bad, good], index) => ({
    rule: 'no-restricted-syntax',
    name: `${name} in src/lib`,
    file: `src/lib/domain-${index}.ts`,
    bad,
    good,
  }));
}

export const PROJECT_CASES: readonly LintCase[] = [
  {
    rule: 'import-x/no-cycle',
    name: 'an import cycle',
    file: 'src/lib/circle-a.ts',
    bad: "import { b } from './circle-b.js';\nexport const a = () => b;",
    good: 'export const a = 1;',
  },
  {
    rule: 'import-x/no-cycle',
    name: 'an import cycle, in its other file',
    file: 'src/lib/circle-b.ts',
    bad: "import { a } from './circle-a.js';\nexport const b = () => a;",
    good: "import { a } from './circle-a.js';\nexport const b = () => a;",
  },
  {
    rule: 'no-restricted-properties',
    name: 'process.env outside src/lib/config',
    file: 'src/lib/environment.ts',
    bad: 'export const used = process.env.PORT;',
    good: 'export const used = process.pid;',
  },
  {
    rule: 'no-restricted-properties',
    name: 'process.env by destructuring',
    file: 'src/main-settings.ts',
    bad: 'const { env } = process;\nexport const used = env;',
    good: 'const { pid } = process;\nexport const used = pid;',
  },
  {
    rule: 'no-restricted-properties',
    name: 'process.env in a command',
    file: 'src/commands/environment.ts',
    bad: 'export const used = process.env.PORT;',
    good: "process.once('SIGINT', () => process.exit(1));",
  },
  {
    rule: 'no-restricted-properties',
    name: 'process.exit outside main and the commands',
    file: 'src/worker/exit.ts',
    bad: 'export const used = () => process.exit(1);',
    good: 'export const used = () => process.uptime();',
  },
  {
    rule: 'no-restricted-properties',
    name: 'signals in src/lib/config, which may read the environment',
    file: 'src/lib/config/signals.ts',
    bad: "process.on('SIGTERM', () => undefined);",
    good: 'export const used = process.env.PORT;',
  },
  {
    rule: 'no-restricted-syntax',
    name: 'new PrismaClient outside src/lib/db',
    file: 'src/lib/new-client.ts',
    bad: "import * as prisma from '../generated/prisma/client.js';\nexport const used = new prisma.PrismaClient();",
    good: "import { Client } from './db/database.js';\nexport const used = new Client();",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'a pg.Client, whose lost connection would end the process',
    file: 'src/lib/db/own-connection.ts',
    bad: "import pg from 'pg';\nexport const used = new pg.Client();",
    good: "import pg from 'pg';\nexport const used = class extends pg.Client {};",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'the unsafe raw query, also in src/lib/db',
    file: 'src/lib/db/unsafe.ts',
    bad: "import { PrismaClient } from '../../generated/prisma/client.js';\nexport const used = new PrismaClient().$queryRawUnsafe('SELECT 1');",
    good: "import { PrismaClient } from '../../generated/prisma/client.js';\nexport const used = new PrismaClient().$queryRaw`SELECT 1`;",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'the unsafe raw query, by a quoted name',
    file: 'src/modules/drops/unsafe.queries.ts',
    bad: "import type { Client } from '../../lib/db/database.js';\nexport const used = (db: Client) => db['$queryRawUnsafe']('SELECT 1');",
    good: "import type { Client } from '../../lib/db/database.js';\nexport const used = (db: Client) => db.$queryRaw`SELECT 1`;",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'a statement outside of a file of queries',
    file: 'src/modules/drops/statement.service.ts',
    bad: "import type { Client } from '../../lib/db/database.js';\nexport const used = (db: Client) => db.$queryRaw`SELECT 1`;",
    good: "import { dropsQueries } from './drops.queries.js';\nexport const used = dropsQueries;",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'a part of a statement outside of a file of queries',
    file: 'src/inventory/part.ts',
    bad: 'declare const Prisma: { sql: (text: TemplateStringsArray) => string };\nexport const used = Prisma.sql`WHERE true`;',
    good: "declare const Prisma: { raw: (text: string) => string };\nexport const used = Prisma.raw('d.id');",
  },
  {
    rule: 'no-restricted-syntax',
    name: 'a raw query that is called as a function',
    file: 'src/worker/call.ts',
    bad: "import type { Client } from '../lib/db/database.js';\nexport const used = (db: Client) => db.$queryRaw;",
    good: "import type { Client } from '../lib/db/database.js';\nexport type Used = Client;",
  },
  ...libraryCases(),
  publishCase('a transaction', 'src/modules/drops/publish.queries.ts', '(tx: Transaction)', 'tx'),
  publishCase('a stock transaction', 'src/modules/drops/publish.service.ts', '(context: Transaction)', 'context'),
  publishCase('a write step', 'src/inventory/publish.ts', '({ tx }: { tx: Transaction })', 'tx'),
  {
    rule: 'import-x/no-default-export',
    name: 'a default export',
    file: 'src/lib/default-export.ts',
    bad: 'export default 1;',
    good: 'export const used = 1;',
  },
  {
    rule: 'import-x/no-extraneous-dependencies',
    name: 'a development dependency in src',
    file: 'src/lib/development.ts',
    bad: "import type { PrettierConfig } from 'prettier';\nimport 'tsx';\nexport type Used = PrettierConfig;",
    good: "import type { ZodType } from 'zod';\nexport type Used = ZodType;",
  },
  {
    rule: 'no-console',
    name: 'console outside the commands',
    file: 'src/lib/console.ts',
    bad: "console.log('bad');",
    good: "export const used = 'good';",
  },
  {
    rule: 'max-lines',
    name: 'a file of more than 220 lines',
    file: 'src/lib/long.ts',
    bad: Array.from({ length: 221 }, (_, index) => `export const line${index} = ${index};`).join('\n'),
    good: Array.from({ length: 200 }, (_, index) => `export const line${index} = ${index};`).join('\n'),
  },
];
