import type { LintCase } from './skeleton.js';

const paths = 'import-x/no-restricted-paths';
const packages = '@typescript-eslint/no-restricted-imports';
const use = (name: string, from: string) => `import { ${name} } from '${from}';\nexport const used = ${name};`;

/** Imports between layers. */
const layers: LintCase[] = [
  {
    name: 'lib imports nothing above it',
    file: 'src/lib/layer.ts',
    bad: use('dropsSchema', '../modules/drops/drops.schema.js'),
    good: use('clock', './clock.js'),
  },
  {
    name: 'the embedded PostgreSQL does not import the inventory',
    file: 'src/embedded-postgres/layer.ts',
    bad: use('stock', '../inventory/stock.js'),
    good: use('clock', '../lib/clock.js'),
  },
  {
    name: 'the inventory does not import a module',
    file: 'src/inventory/layer.ts',
    bad: use('dropsSchema', '../modules/drops/drops.schema.js'),
    good: use('clock', '../lib/clock.js'),
  },
  {
    name: 'a module does not import the embedded PostgreSQL',
    file: 'src/modules/drops/postgres.ts',
    bad: use('postgres', '../../embedded-postgres/postgres.js'),
    good: use('clock', '../../lib/clock.js'),
  },
  {
    name: 'a module does not import the sockets',
    file: 'src/modules/drops/layer.ts',
    bad: use('sockets', '../../realtime/sockets.js'),
    good: use('clock', '../../lib/clock.js'),
  },
  {
    name: 'a module does not import a type of the worker',
    file: 'src/modules/drops/layer-type.ts',
    bad: "import type { worker } from '../../worker/worker.js';\nexport type Used = typeof worker;",
    good: "import type { clock } from '../../lib/clock.js';\nexport type Used = typeof clock;",
  },
  {
    name: 'the worker does not import the sockets',
    file: 'src/worker/layer.ts',
    bad: use('sockets', '../realtime/sockets.js'),
    good: use('dropsService', '../modules/drops/drops.service.js'),
  },
  {
    name: 'the sockets do not import the worker',
    file: 'src/realtime/layer.ts',
    bad: use('worker', '../worker/worker.js'),
    good: use('dropsSchema', '../modules/drops/drops.schema.js'),
  },
  {
    name: 'the app does not import the worker',
    file: 'src/app.ts',
    bad: use('worker', './worker/worker.js'),
    good: use('dropsRoute', './modules/drops/drops.route.js'),
  },
  {
    name: 'the context does not import the app',
    file: 'src/context.ts',
    bad: "import { used } from './app.js';\nexport const context = used;",
    good: use('worker', './worker/worker.js'),
  },
  {
    name: 'what the context is made of does not import the context',
    file: 'src/metrics.ts',
    bad: "import { context } from './context.js';\nexport const used = context;",
    good: use('clock', './lib/clock.js'),
  },
  {
    name: 'the seed does not import the worker',
    file: 'src/seed/layer.ts',
    bad: use('worker', '../worker/worker.js'),
    good: use('clock', '../lib/clock.js'),
  },
  {
    name: 'the pages do not import the sockets',
    file: 'src/pages/layer.ts',
    bad: use('sockets', '../realtime/sockets.js'),
    good: use('dropsSchema', '../modules/drops/drops.schema.js'),
  },
  {
    name: 'main does not import a command',
    file: 'src/main.ts',
    bad: use('demo', './commands/demo.js'),
    good: use('sockets', './realtime/sockets.js'),
  },
  {
    name: 'the client does not import the server',
    file: 'src/client/layer.ts',
    bad: "import type { sockets } from '../realtime/sockets.js';\nexport type Used = typeof sockets;",
    good: "import type { Events } from '../realtime/events.js';\nexport type Used = Events;",
  },
  {
    name: 'the sockets import nothing of the client',
    file: 'src/realtime/layer-client.ts',
    bad: "import type { feed } from '../client/feed.js';\nexport type Used = typeof feed;",
    good: use('isNewer', '../inventory/inventory-snapshot.js'),
  },
  {
    name: 'a command does not import main',
    file: 'src/commands/layer.ts',
    bad: "import { used } from '../main.js';\nexport const command = used;",
    good: use('worker', '../worker/worker.js'),
  },
].map((each) => ({ rule: paths, ...each }));

const modules: LintCase[] = [
  {
    name: 'the errors of a module do not import its service',
    file: 'src/modules/drops/drops.errors.ts',
    bad: use('dropsService', './drops.service.js'),
    good: use('clock', '../../lib/clock.js'),
  },
  {
    name: "a service imports no other module's service",
    file: 'src/modules/auth/neighbour.service.ts',
    bad: use('dropsService', '../drops/drops.service.js'),
    good: use('authService', './auth.service.js'),
  },
  {
    name: 'a module imports nothing of another module except its schema',
    file: 'src/modules/auth/neighbour.ts',
    bad: use('dropsRoute', '../drops/drops.route.js'),
    good: use('dropsSchema', '../drops/drops.schema.js'),
  },
  {
    name: 'a module does not import another module dynamically',
    file: 'src/modules/auth/neighbour-dynamic.ts',
    bad: "export const used = () => import('../drops/drops.service.js');",
    good: "export const used = () => import('../drops/drops.schema.js');",
  },
  {
    name: 'a service does not import a controller',
    file: 'src/modules/drops/upwards.service.ts',
    bad: use('dropsController', './drops.controller.js'),
    good: use('dropsSchema', './drops.schema.js'),
  },
  {
    name: 'a controller does not import a route',
    file: 'src/modules/drops/upwards.controller.ts',
    bad: use('dropsRoute', './drops.route.js'),
    good: use('dropsService', './drops.service.js'),
  },
  {
    name: 'a schema does not import a service',
    file: 'src/modules/drops/upwards.schema.ts',
    bad: use('dropsService', './drops.service.js'),
    good: use('dropsSchema', './drops.schema.js'),
  },
  {
    name: 'a controller does not import queries',
    file: 'src/modules/drops/downwards.controller.ts',
    bad: use('dropsQueries', './drops.queries.js'),
    good: use('dropsService', './drops.service.js'),
  },
  {
    name: 'a route does not import decide',
    file: 'src/modules/drops/downwards.route.ts',
    bad: use('dropsDecide', './drops.decide.js'),
    good: use('dropsController', './drops.controller.js'),
  },
  {
    name: 'decide does not import queries',
    file: 'src/modules/drops/beside.decide.ts',
    bad: use('dropsQueries', './drops.queries.js'),
    good: use('dropsSchema', './drops.schema.js'),
  },
  {
    name: 'queries do not import the service',
    file: 'src/modules/drops/upwards.queries.ts',
    bad: use('dropsService', './drops.service.js'),
    good: use('dropsSchema', './drops.schema.js'),
  },
].map((each) => ({ rule: paths, ...each }));

const libraries: LintCase[] = [
  {
    name: 'no Express in a service',
    file: 'src/modules/drops/express.service.ts',
    bad: "import type { Request } from 'express';\nexport type Used = Request;",
    good: "import type { ZodType } from 'zod';\nexport type Used = ZodType;",
  },
  {
    name: 'no Socket.io in a service',
    file: 'src/modules/drops/socket.service.ts',
    bad: "import type { Server } from 'socket.io';\nexport type Used = Server;",
    good: "import type { ZodType } from 'zod';\nexport type Used = ZodType;",
  },
  {
    name: 'no Socket.io in a controller',
    file: 'src/modules/drops/socket.controller.ts',
    bad: "import type { Server } from 'socket.io';\nexport type Used = Server;",
    good: "import type { Response } from 'express';\nexport type Used = Response;",
  },
  {
    name: 'no Prisma in a controller',
    file: 'src/modules/drops/prisma.controller.ts',
    bad: "import type { PrismaClient } from '../../generated/prisma/client.js';\nexport type Used = PrismaClient;",
    good: use('dropsSchema', './drops.schema.js'),
  },
  {
    name: 'no database helper in a controller',
    file: 'src/modules/drops/database.controller.ts',
    bad: "import type { Client } from '../../lib/db/database.js';\nexport type Used = Client;",
    good: use('clock', '../../lib/clock.js'),
  },
  {
    name: 'no events as values in the client',
    file: 'src/client/events.ts',
    bad: use('events', '../realtime/events.js'),
    good: "import type { Events } from '../realtime/events.js';\nexport type Used = Events;",
  },
  {
    name: 'no value of the server in the client, except the order of snapshots',
    file: 'src/client/stock.ts',
    bad: use('stock', '../inventory/stock.js'),
    good: use('isNewer', '../inventory/inventory-snapshot.js'),
  },
  {
    name: 'only types in the order of snapshots',
    file: 'src/inventory/inventory-snapshot.ts',
    bad: use('stock', './stock.js'),
    good: "import type { stock } from './stock.js';\nexport const isNewer = 1;\nexport type Used = typeof stock;",
  },
  {
    name: 'no module of Node in the client',
    file: 'src/client/node.ts',
    bad: use('join', 'node:path'),
    good: use('io', 'socket.io-client'),
  },
  {
    name: 'the client as a value outside src/lib/db',
    file: 'src/worker/client.ts',
    bad: "import { PrismaClient as Made } from '../generated/prisma/client.js';\nexport const used = Made;",
    good: "import type { PrismaClient } from '../generated/prisma/client.js';\nexport type Used = PrismaClient;",
  },
  {
    name: "the schema's types in src/lib outside of src/lib/db",
    file: 'src/lib/schema-type.ts',
    bad: "import type { PrismaClient } from '../generated/prisma/client.js';\nexport type Used = PrismaClient;",
    good: use('clock', './clock.js'),
  },
  {
    name: 'the environment by import',
    file: 'src/lib/environment-import.ts',
    bad: "import { env } from 'node:process';\nexport const used = env.PORT;",
    good: "import { pid } from 'node:process';\nexport const used = pid;",
  },
].map((each) => ({ rule: packages, ...each }));

export const BOUNDARY_CASES: readonly LintCase[] = [...layers, ...modules, ...libraries];
