// Every lint rule of the project; eslint.config.mjs passes this file to ESLint. tests/unit/lint-rules.test.ts shows that each
// of the project's own rules finds an offence and accepts the code beside it.
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { createNodeResolver } = require('eslint-plugin-import-x');

/** `main → service → app, worker, realtime → modules → inventory → lib`: each layer, and what is above or beside it. */
const TOP = ['src/*.ts', 'src/commands/**', 'src/client/**', 'src/pages/**'];
/** Only what opens the database starts a server. */
const POSTGRES = 'src/embedded-postgres/**';
const FEATURES = ['src/modules/**', 'src/worker/**', 'src/realtime/**', 'src/seed/**'];
const ABOVE = {
  'src/lib': [...FEATURES, 'src/inventory/**', POSTGRES, ...TOP],
  'src/embedded-postgres': [...FEATURES, 'src/inventory/**', ...TOP],
  'src/inventory': [...FEATURES, POSTGRES, ...TOP],
  'src/modules': ['src/worker/**', 'src/realtime/**', 'src/seed/**', POSTGRES, ...TOP],
  'src/seed': ['src/worker/**', 'src/realtime/**', POSTGRES, ...TOP],
  'src/worker': ['src/realtime/**', 'src/seed/**', POSTGRES, ...TOP],
  'src/realtime': ['src/worker/**', 'src/seed/**', POSTGRES, ...TOP],
  'src/pages': ['src/worker/**', 'src/realtime/**', 'src/seed/**', POSTGRES, 'src/*.ts', 'src/commands/**'],
  'src/context.ts': ['src/{app,service,main}.ts', 'src/commands/**'],
  'src/app.ts': ['src/worker/**', 'src/realtime/**', 'src/seed/**', 'src/{service,main}.ts', 'src/commands/**'],
  'src/*.ts': ['src/main.*', 'src/commands/**'],
  'src/{database-server,prepare-database,metrics,api-document}.ts': ['src/{context,app,service}.ts'],
  'src/commands': ['src/main.*'],
};

/** What runs in browsers too: the client of the feed, the order of snapshots, and the types of events. */
const FOR_BROWSERS = ['./client', './inventory/inventory-snapshot.ts', './realtime/events.ts'];
const browsers = ['src/client', 'web/src'].map((target) => ({
  target,
  from: 'src',
  except: FOR_BROWSERS,
  message: 'Of the service, only the client, the order of snapshots and the types of events run in browsers.',
}));

/** The layers of the page, the lowest first. Each imports those below it; names in one row do not import each other. */
const PAGE_LAYERS = [
  ['storage.ts'],
  ['texts'],
  ['api'],
  ['ui'],
  ['live'],
  ['services'],
  ['page', 'forms', 'ticket'],
  ['auth'],
  ['holds'],
  ['shell', 'drops', 'purchases', 'dashboard', 'account', 'admin', 'help'],
  ['organiser'],
  ['app.tsx'],
  ['main.tsx'],
];
const pageLayers = PAGE_LAYERS.slice(0, -1).flatMap((names, level) =>
  names.map((name) => ({
    target: `web/src/${name}`,
    from: [...names.filter((other) => other !== name), ...PAGE_LAYERS.slice(level + 1).flat()].map(
      (other) => `web/src/${other}`,
    ),
    message: `${name} imports only the layers of the page below it: see PAGE_LAYERS.`,
  })),
);

const layers = Object.entries(ABOVE).map(([target, from]) => ({
  target,
  from,
  message: `${target} must not import what is above it: main → service → app, worker, realtime → modules → inventory → lib.`,
}));

/** A module may import only the schemas of another module. */
const neighbours = readdirSync(join(__dirname, 'src/modules'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    target: `src/modules/${name}`,
    from: 'src/modules/**',
    except: [`**/src/modules/${name}/**`, '**/src/modules/*.ts', '**/*.schema.ts'],
    message:
      'Only the schema of another module may be imported; code that modules share belongs in src/inventory or src/lib.',
  }));

/**
 * What each kind of file of a module may import of the other kinds.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const KINDS = {
  route: ['controller', 'service', 'schema'],
  controller: ['service', 'schema'],
  service: ['queries', 'decide', 'errors', 'schema'],
  queries: ['schema'],
  decide: ['errors', 'schema'],
  errors: [],
  schema: [],
};
const within = Object.entries(KINDS).map(([kind, allowed]) => ({
  target: `**/src/modules/**/*.${kind}.ts`,
  from: Object.keys(KINDS).flatMap((other) =>
    other === kind || allowed.includes(other) ? [] : [`src/modules/**/*.${other}.ts`],
  ),
  message: 'Within a module: route → controller → service → queries, decide, errors; the schema by any. See KINDS.',
}));

const noHttp = { group: ['express', 'express/*', 'express-*'], message: 'A service does not depend on HTTP.' };
const noSchemaOfPrisma = {
  group: ['**/generated/prisma/*'],
  message: 'src/lib contains what any service would have: only src/lib/db uses the client of this schema.',
};
const noSocket = {
  group: ['socket.io', 'socket.io-*'],
  message: 'Publish through the port in src/lib/publish.ts: only src/realtime uses sockets.',
};
const noPrisma = {
  group: ['@prisma/*', '**/generated/prisma/*', '**/lib/db/**', 'pg'],
  message: 'Only the service of a controller uses the database.',
};
const noClientValue = {
  regex: '/generated/prisma/client(\\.js)?$',
  importNames: ['PrismaClient'],
  allowTypeImports: true,
  message: 'Only src/lib/db creates a client: use the one from the context.',
};
const onlyBrowsers = {
  regex: '^(?!\\./|\\.\\./inventory/inventory-snapshot\\.js$|socket\\.io-client$)',
  allowTypeImports: true,
  message:
    'The client runs in browsers: it may import only its own files, the order of snapshots and socket.io-client.',
};
const onlyTypes = {
  regex: '^',
  allowTypeImports: true,
  message: 'This file is in the client of the feed and in the page: it may import only types.',
};
const noServerValue = {
  regex: '/src/realtime/',
  allowTypeImports: true,
  message: 'A value would bring Zod into the page: import the type.',
};
/** Where the browser blocks site data, reading one of these throws. */
const browserStorage = ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore'];
const unguarded = 'The browser may block it: use web/src/storage.ts.';
const nodeGlobals = ['process', 'Buffer', 'global', 'require', 'module', 'setImmediate'].map((name) => ({
  name,
  message: 'Browsers do not have it.',
}));
const noProcessEnv = {
  paths: ['process', 'node:process'].map((name) => ({
    name,
    importNames: ['env'],
    message: 'Settings come from src/lib/config.',
  })),
};

/** An SQL statement that changes the table `drops`, as a regular expression. */
const WRITES_DROPS =
  '\\b(insert\\s+into|update|delete\\s+from|merge\\s+into|copy|truncate(\\s+table)?)\\s+(only\\s+)?("?\\w+"?\\.)?"?drops\\b';
/** Calls of a publish port, by a name of its own or as a member. */
const PUBLISH_CALLS = '[callee.name=/^publish/], [callee.property.name=/^publish/]';
/** The methods of a Prisma model that write. */
const PRISMA_WRITES = '^(create|update|upsert|delete|connectOrCreate)';

/** Words of this service, as a regular expression: its tables and what they contain. */
const DOMAIN = 'drop(?!ped|ping)|reserv|purchas|stock|inventory|\\b(from|join|into|update)\\s+users\\b';

/** Rules that apply wherever an override does not leave one out. */
const syntax = {
  unsafe: {
    selector:
      ':matches(Identifier[name=/^\\$(query|execute)RawUnsafe$/], Literal[value=/^\\$(query|execute)RawUnsafe$/])',
    message: 'SQL is written with the tagged $queryRaw and $executeRaw, which keep values out of the text.',
  },
  client: {
    selector: 'NewExpression[callee.name="PrismaClient"], NewExpression[callee.property.name="PrismaClient"]',
    message: 'Only src/lib/db creates a client: use the one from the context.',
  },
  pgClient: {
    selector: 'NewExpression[callee.object.name="pg"]',
    message:
      'A lost connection of this client would end the process: use serviceClient() of src/lib/db/service-client.ts.',
  },
  sql: {
    selector:
      'MemberExpression[property.name=/^\\$(query|execute)Raw$/], ' +
      'TaggedTemplateExpression[tag.object.name="Prisma"][tag.property.name="sql"]',
    message: 'A statement stands whole and named in an x.queries.ts: call its function.',
  },
  domain: {
    selector: ['Identifier[name', 'Literal[value', 'TemplateElement[value.raw']
      .map((text) => `${text}=/${DOMAIN}/i]`)
      .concat('MemberExpression[object.name=/^(db|tx)$/] > Identifier.property[name="user"]')
      .join(', '),
    message: 'src/lib contains what any service would have: hand what is of drops in from above.',
  },
  publishes: {
    selector: ['Identifier.params[name=/^(tx|context)$/]', 'ObjectPattern.params:has(> Property[key.name="tx"])']
      .map((parameter) => `:function:has(> ${parameter}) CallExpression:matches(${PUBLISH_CALLS})`)
      .join(', '),
    message: 'A transaction may be rolled back or run again: publish what it returns, after its commit.',
  },
  dropWrites: {
    selector: [
      `TemplateElement[value.raw=/${WRITES_DROPS}/i]`,
      `Literal[value=/${WRITES_DROPS}/i]`,
      `CallExpression[callee.property.name=/${PRISMA_WRITES}/][callee.object.property.name="drop"]`,
      `Property[key.name="drop"] > ObjectExpression > Property[key.name=/${PRISMA_WRITES}/]`,
    ].join(', '),
    message: 'Only src/inventory writes to the table drops, under the lock of the drop: call its functions.',
  },
};

/** What the page shows or reads aloud: text between tags, and attributes and properties with these names. */
const SHOWN = '/^(aria-(label|description|roledescription|valuetext)|title|placeholder|alt|label|text|heading|hint)$/';
const pageTexts = {
  selector: [
    'JSXText[value=/[a-z]{2}/i]',
    ...[
      'JSXElement > JSXExpressionContainer',
      `JSXAttribute[name.name=${SHOWN}]`,
      `JSXAttribute[name.name=${SHOWN}] > JSXExpressionContainer`,
      `Property[key.name=${SHOWN}]`,
    ].flatMap((place) =>
      [place, `${place} > :matches(LogicalExpression, ConditionalExpression)`].flatMap((parent) => [
        `${parent} > Literal[value=/[a-z]{2}/i]`,
        `${parent} > TemplateLiteral > TemplateElement[value.raw=/[a-z]{2}/i]`,
      ]),
    ),
  ].join(', '),
  message: 'A text of the page belongs in web/src/texts/en.ts, so that a translation is one file.',
};

/** The rules of all of src, but for the files that create clients. */
const ownSyntax = [syntax.unsafe, syntax.client, syntax.pgClient, syntax.publishes, syntax.sql];

/**
 * The rules of a list but for one.
 *
 * @template Rule
 * @param {Rule[]} rules
 * @param {Rule} left
 */
const without = (rules, left) => rules.filter((rule) => rule !== left);

const settings = ['process', 'env', 'Settings come from src/lib/config.'];
const processEnds = ['exit', 'exitCode', 'abort', 'on', 'once', 'addListener'].map((property) => [
  'process',
  property,
  'Only src/main.ts and src/commands handle signals and end the process.',
]);
const restrictedProperties = (/** @type {string[][]} */ ...list) => [
  'error',
  ...list.map(([object, property, message]) => ({ object, property, message })),
];

/** @type {import('eslint').Linter.LegacyConfig} */
module.exports = {
  root: true,
  env: { node: true, es2024: true },
  ignorePatterns: [
    // ESLint ignores folders with a dot.
    '!.ci',
    'bench/results',
    'dist',
    '.build',
    '.build-old',
    '.build-bench',
    'coverage',
    'src/generated',
    '.data',
    // Its packages are not installed with the project.
    'ops/otel',
    '**/tsconfig.json',
    'web/public',
    'public',
  ],
  parser: '@typescript-eslint/parser',
  parserOptions: { projectService: true, tsconfigRootDir: __dirname },
  plugins: ['@typescript-eslint', 'import-x'],
  extends: [
    'eslint:recommended',
    'plugin:@typescript-eslint/recommended-type-checked',
    'plugin:@typescript-eslint/stylistic-type-checked',
  ],
  settings: {
    'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    'import-x/extensions': ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    'import-x/resolver-next': [
      createNodeResolver({
        extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
        extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
      }),
    ],
  },
  rules: {
    eqeqeq: 'error',
    'no-restricted-syntax': ['error', syntax.unsafe, syntax.client],
    'import-x/no-cycle': 'error',
    'import-x/no-default-export': 'error',
    'import-x/no-restricted-paths': [
      'error',
      { basePath: __dirname, zones: [...layers, ...browsers, ...pageLayers, ...neighbours, ...within] },
    ],
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/no-non-null-assertion': 'error',
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/return-await': ['error', 'in-try-catch'],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    // An empty string counts as unset.
    '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    // Both are needed: interfaces for what is implemented, type aliases for what Zod infers.
    '@typescript-eslint/consistent-type-definitions': 'off',
    // This rule requires the `!` that no-non-null-assertion forbids.
    '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    // Services and controllers are created by factories: their methods never use `this` and may be passed on.
    '@typescript-eslint/unbound-method': 'off',
    // An async function without await is allowed, so that its errors are rejections.
    '@typescript-eslint/require-await': 'off',
  },
  overrides: [
    {
      files: ['src/**'],
      rules: {
        'no-console': 'error',
        'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
        'no-restricted-properties': restrictedProperties(settings, ...processEnds),
        'no-restricted-syntax': ['error', ...ownSyntax, syntax.dropWrites],
        'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noClientValue], ...noProcessEnv }],
      },
    },
    {
      files: ['src/modules/**/*.service.ts'],
      rules: {
        '@typescript-eslint/no-restricted-imports': [
          'error',
          { patterns: [noClientValue, noHttp, noSocket], ...noProcessEnv },
        ],
      },
    },
    {
      files: ['src/modules/**/*.controller.ts'],
      rules: {
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noPrisma, noSocket], ...noProcessEnv }],
      },
    },
    {
      files: ['src/lib/config/**'],
      rules: {
        'no-restricted-properties': restrictedProperties(...processEnds),
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noClientValue] }],
      },
    },
    {
      files: ['src/**/*.queries.ts'],
      rules: { 'no-restricted-syntax': ['error', ...without(ownSyntax, syntax.sql), syntax.dropWrites] },
    },
    {
      // The inventory, and the demo data of development, which one transaction of its own writes.
      files: ['src/inventory/**', 'src/seed/**'],
      rules: { 'no-restricted-syntax': ['error', ...ownSyntax] },
    },
    {
      files: ['src/inventory/queries/*.queries.ts'],
      rules: { 'no-restricted-syntax': ['error', ...without(ownSyntax, syntax.sql)] },
    },
    {
      files: ['src/lib/**'],
      rules: {
        'no-restricted-syntax': ['error', ...ownSyntax, syntax.domain],
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noSchemaOfPrisma], ...noProcessEnv }],
      },
    },
    {
      // The names of the service's settings.
      files: ['src/lib/config/**'],
      rules: { 'no-restricted-syntax': ['error', ...ownSyntax, syntax.dropWrites] },
    },
    {
      files: ['src/lib/db/**'],
      rules: {
        'no-restricted-syntax': ['error', syntax.unsafe, syntax.pgClient, syntax.domain],
        '@typescript-eslint/no-restricted-imports': ['error', noProcessEnv],
      },
    },
    {
      // The pool's clients are of the class that survives a lost connection.
      files: ['src/lib/db/database.ts'],
      rules: { 'no-restricted-syntax': ['error', syntax.unsafe, syntax.domain] },
    },
    {
      files: ['src/client/**'],
      rules: {
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [onlyBrowsers] }],
        'no-restricted-globals': ['error', ...nodeGlobals],
      },
    },
    {
      files: ['src/inventory/inventory-snapshot.ts'],
      rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [onlyTypes] }] },
    },
    {
      files: ['web/src/**/*.{ts,tsx}'],
      env: { node: false, browser: true },
      plugins: ['react-hooks'],
      extends: ['plugin:react-hooks/recommended'],
      rules: {
        'no-console': 'error',
        'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
        'no-restricted-globals': [
          'error',
          ...nodeGlobals,
          ...browserStorage.map((name) => ({ name, message: unguarded })),
        ],
        'no-restricted-properties': [
          'error',
          ...browserStorage.map((property) => ({ object: 'window', property, message: unguarded })),
          { object: 'document', property: 'cookie', message: unguarded },
        ],
        'no-restricted-syntax': ['error', pageTexts],
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noServerValue] }],
      },
    },
    { files: ['web/src/storage.ts'], rules: { 'no-restricted-properties': 'off' } },
    // A translation is one file.
    { files: ['web/src/texts/*.ts'], rules: { 'max-lines': 'off', 'no-restricted-syntax': 'off' } },
    {
      files: ['src/main.ts', 'src/commands/**'],
      rules: { 'no-restricted-properties': restrictedProperties(settings) },
    },
    { files: ['src/commands/**'], rules: { 'no-console': 'off' } },
    {
      // The compiler does not know the shape of a response, and tests assert it.
      files: ['tests/**', 'bench/**'],
      rules: {
        '@typescript-eslint/no-unsafe-argument': 'off',
        '@typescript-eslint/no-unsafe-assignment': 'off',
        '@typescript-eslint/no-unsafe-call': 'off',
        '@typescript-eslint/no-unsafe-member-access': 'off',
        '@typescript-eslint/no-unsafe-return': 'off',
      },
    },
    {
      // The variants that the service is compared with create their own clients.
      files: ['bench/variants/**'],
      rules: { 'no-restricted-syntax': ['error', syntax.unsafe] },
    },
    { files: ['*.config.ts', '*.config.mjs'], rules: { 'import-x/no-default-export': 'off' } },
    {
      files: ['*.cjs'],
      extends: ['plugin:@typescript-eslint/disable-type-checked'],
      rules: { '@typescript-eslint/no-require-imports': 'off' },
    },
  ],
};
