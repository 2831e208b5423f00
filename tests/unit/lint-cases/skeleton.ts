/** An offending snippet, the correct one for the same path, and the rule that finds the offence. */
export interface LintCase {
  readonly rule: string;
  readonly name: string;
  readonly file: string;
  readonly bad: string;
  /** How many findings of the rule the offending snippet has, if more than one is to be shown. */
  readonly findings?: number;
  readonly good: string;
}

/** The project around the snippets: one file of each layer, by path. */
export const SKELETON: Readonly<Record<string, string>> = {
  'src/lib/clock.ts': 'export const clock = 1;',
  'src/lib/db/database.ts': "export { PrismaClient as Client } from '../../generated/prisma/client.js';",
  'src/generated/prisma/client.ts':
    'export class PrismaClient {\n  $queryRaw = (text: TemplateStringsArray) => text;\n  $queryRawUnsafe = (text: string) => text;\n}',
  'src/embedded-postgres/postgres.ts': 'export const postgres = 1;',
  'src/inventory/stock.ts': 'export const stock = 1;',
  'src/modules/auth/auth.schema.ts': 'export const authSchema = 1;',
  'src/modules/auth/auth.service.ts': 'export const authService = 1;',
  'src/modules/drops/drops.schema.ts': 'export const dropsSchema = 1;',
  'src/modules/drops/drops.service.ts': 'export const dropsService = 1;',
  'src/modules/drops/drops.queries.ts': 'export const dropsQueries = 1;',
  'src/modules/drops/drops.decide.ts': 'export const dropsDecide = 1;',
  'src/modules/drops/drops.controller.ts': 'export const dropsController = 1;',
  'src/modules/drops/drops.route.ts': 'export const dropsRoute = 1;',
  'src/worker/worker.ts': 'export const worker = 1;',
  'src/realtime/sockets.ts': 'export const sockets = 1;',
  'src/realtime/events.ts': 'export const events = 1;\nexport type Events = typeof events;',
  'src/client/feed.ts': 'export const feed = 1;',
  'src/inventory/inventory-snapshot.ts': 'export const isNewer = 1;',
  'src/commands/demo.ts': 'export const demo = 1;',
};
