import { resolve } from 'node:path';
import { z } from 'zod';
import { OperatorError } from '../errors/operator-error.js';
import { misspelledSettings, type Environment } from './environment.js';
import { isGuessable } from './secret-strength.js';
import {
  booleanFlag,
  durationSeconds,
  oneOf,
  origin,
  port,
  postgresUrl,
  requestRate,
  splitList,
  url,
  wholeNumber,
} from './setting-types.js';
import { forgeableProxies, trustProxy } from './trusted-proxies.js';

const MIN_SECRET_BYTES = 32;
const MAX_TTL_SECONDS = 86_400;
const MAX_DELAY_SECONDS = 300;
const MAX_UNPAID_HOLDS = 20;
const MAX_LIMIT = 1_000_000;
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 60_000;
const LIMIT_MESSAGE = `must be a whole number, 1 to ${MAX_LIMIT}`;

const Settings = z.object({
  NODE_ENV: oneOf('development', 'test', 'production').default('development'),
  PORT: port.default(5000),
  HOST: z.string().optional(),
  PUBLIC_URL: url.optional(),
  DATABASE_URL: postgresUrl.optional(),
  DIRECT_DATABASE_URL: postgresUrl.optional(),
  JWT_SECRET: z
    .string()
    .refine(
      (secret) => Buffer.byteLength(secret) >= MIN_SECRET_BYTES,
      `must be at least ${MIN_SECRET_BYTES} bytes long`,
    )
    .optional(),
  JWT_EXPIRES_IN: durationSeconds.default(7 * 24 * 3600),
  FRONTEND_URL: z.string().default('http://localhost:5173').transform(splitList).pipe(z.array(origin)),
  FRONTEND_PROD_URL: origin.optional(),
  RESERVATION_TTL_SECONDS: wholeNumber(
    1,
    MAX_TTL_SECONDS,
    `must be a whole number of seconds, 1 to ${MAX_TTL_SECONDS}`,
  ).default(60),
  HOLD_COOL_DOWN_AFTER: wholeNumber(
    0,
    MAX_UNPAID_HOLDS,
    `must be a whole number, 0 (off) to ${MAX_UNPAID_HOLDS}`,
  ).optional(),
  HOLD_COOL_DOWN_SECONDS: wholeNumber(
    1,
    MAX_TTL_SECONDS,
    `must be a whole number of seconds, 1 to ${MAX_TTL_SECONDS}`,
  ).default(600),
  RATE_LIMIT_ENABLED: booleanFlag.default(true),
  RATE_LIMIT_SIGN_IN: requestRate.default({ limit: 300, windowSeconds: 60 }),
  RATE_LIMIT_REGISTRATION: requestRate.default({ limit: 300, windowSeconds: 60 }),
  RATE_LIMIT_RESERVE: requestRate.default({ limit: 100, windowSeconds: 10 }),
  RATE_LIMIT_PURCHASE: requestRate.default({ limit: 100, windowSeconds: 10 }),
  RATE_LIMIT_PURCHASE_LIST: requestRate.default({ limit: 50, windowSeconds: 10 }),
  RATE_LIMIT_EXPORT: requestRate.default({ limit: 5, windowSeconds: 60 }),
  SIGN_IN_WAIT_MS: wholeNumber(
    MIN_WAIT_MS,
    MAX_WAIT_MS,
    `must be a whole number of milliseconds, ${MIN_WAIT_MS} to ${MAX_WAIT_MS}`,
  ).default(1500),
  SIGN_IN_FAILURES: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(5),
  SIGN_IN_FAILURES_PER_ADDRESS: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(30),
  SIGN_IN_MAX_DELAY_SECONDS: wholeNumber(
    1,
    MAX_TTL_SECONDS,
    `must be a whole number of seconds, 1 to ${MAX_TTL_SECONDS}`,
  ).default(900),
  IDLE_CONNECTIONS: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(5000),
  SOCKETS_PER_ADDRESS: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(1000),
  SOCKET_CALLS_PER_SECOND: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(20),
  SOCKET_CALLS_PER_ADDRESS: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(300),
  SOCKET_SUBSCRIPTIONS: wholeNumber(1, MAX_LIMIT, LIMIT_MESSAGE).default(1000),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  ROLE: oneOf('all', 'api', 'worker').default('all'),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  TRUST_PROXY: trustProxy.default(false),
  DATA_DIR: z.string().default('.data'),
  EMBEDDED_PG_PORT: port.optional(),
  METRICS_PORT: port.optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  SHUTDOWN_DELAY_SECONDS: wholeNumber(
    0,
    MAX_DELAY_SECONDS,
    `must be a whole number of seconds, 0 to ${MAX_DELAY_SECONDS}`,
  ).default(0),
  SEED: booleanFlag.optional(),
});

export type Config = ReturnType<typeof parseConfig>;

/** Settings are wrong or misspelled; the message names every one of them. */
export class ConfigError extends OperatorError {}

/**
 * Turns raw settings into a {@link Config}. An empty or blank string counts as unset, as in a copied `.env.example`.
 *
 * @throws {ConfigError} naming every wrong setting at once.
 */
export function parseConfig(environment: Environment) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const parsed = Settings.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path: [name], message }) => `${String(name)}: ${message}`),
    ...misspelledSettings(Object.keys(given), Object.keys(Settings.shape)),
    ...productionProblems(given),
    ...poolerProblems(given),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`Wrong settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
  const settings = parsed.data;
  const production = settings.NODE_ENV === 'production';
  const host = settings.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');

  return {
    env: settings.NODE_ENV,
    role: settings.ROLE,
    logLevel: settings.LOG_LEVEL,
    /** Absolute. */
    dataDir: resolve(settings.DATA_DIR),
    http: {
      host,
      port: settings.PORT,
      /** Without a trailing slash. */
      publicUrl: settings.PUBLIC_URL ?? `http://${visibleHost(host)}:${settings.PORT}`,
      trustProxy: settings.TRUST_PROXY,
      /** For HTTP and for sockets. Includes the origin of PUBLIC_URL, because a proxy may rewrite `Host`. */
      origins: [
        ...settings.FRONTEND_URL,
        ...(settings.FRONTEND_PROD_URL ? [settings.FRONTEND_PROD_URL] : []),
        ...(settings.PUBLIC_URL ? [new URL(settings.PUBLIC_URL).origin] : []),
      ],
      rateLimitEnabled: settings.RATE_LIMIT_ENABLED,
      rateLimits: {
        signIn: settings.RATE_LIMIT_SIGN_IN,
        registration: settings.RATE_LIMIT_REGISTRATION,
        reserve: settings.RATE_LIMIT_RESERVE,
        purchase: settings.RATE_LIMIT_PURCHASE,
        purchaseList: settings.RATE_LIMIT_PURCHASE_LIST,
        export: settings.RATE_LIMIT_EXPORT,
      },
      /** Open connections without a request; beyond it the longest idle ones are closed. */
      maxIdleConnections: settings.IDLE_CONNECTIONS,
      metricsPort: settings.METRICS_PORT,
      metricsHost: settings.METRICS_HOST,
      /** How long a stopping process goes on serving, until load balancers notice. */
      shutdownDelayMs: settings.SHUTDOWN_DELAY_SECONDS * 1000,
    },
    signIn: {
      /** The longest wait in the queue of sign-ins, and in that of registrations. */
      maxWaitMs: settings.SIGN_IN_WAIT_MS,
      /** When delays after failures begin, and how long they become; null with RATE_LIMIT_ENABLED off. */
      failureLimits: settings.RATE_LIMIT_ENABLED
        ? {
            perAccount: settings.SIGN_IN_FAILURES,
            perAddress: settings.SIGN_IN_FAILURES_PER_ADDRESS,
            maxDelayMs: settings.SIGN_IN_MAX_DELAY_SECONDS * 1000,
          }
        : null,
    },
    /** Limits of sockets; Infinity with RATE_LIMIT_ENABLED off. */
    sockets: {
      maxPerAddress: settings.RATE_LIMIT_ENABLED ? settings.SOCKETS_PER_ADDRESS : Infinity,
      maxCallsPerSecond: settings.RATE_LIMIT_ENABLED ? settings.SOCKET_CALLS_PER_SECOND : Infinity,
      maxCallsPerSecondAndAddress: settings.RATE_LIMIT_ENABLED ? settings.SOCKET_CALLS_PER_ADDRESS : Infinity,
      maxSubscriptions: settings.SOCKET_SUBSCRIPTIONS,
    },
    /** Without `url`, the embedded server, on `embeddedPort` if set. `directUrl` bypasses the pooler of `url`. */
    database: {
      url: settings.DATABASE_URL,
      directUrl: settings.DIRECT_DATABASE_URL,
      embeddedPort: settings.EMBEDDED_PG_PORT,
    },
    /** Without `secret` (never in production), one is generated and kept in `dataDir`. */
    jwt: { secret: settings.JWT_SECRET, expiresInSeconds: settings.JWT_EXPIRES_IN },
    reservationTtlSeconds: settings.RESERVATION_TTL_SECONDS,
    /** A user with `after` unpaid holds of a drop within `seconds` cannot reserve it; 0: no such rule. */
    holdCoolDown: {
      after: settings.HOLD_COOL_DOWN_AFTER ?? (production ? 2 : 0),
      seconds: settings.HOLD_COOL_DOWN_SECONDS,
    },
    redisUrl: settings.REDIS_URL,
    /** Whether to seed an empty database with the demo data. */
    seed: settings.NODE_ENV === 'development' && settings.SEED !== false,
  };
}

function productionProblems(given: Environment): string[] {
  if (given.NODE_ENV !== 'production') return [];
  const forgeable = forgeableProxies(given.TRUST_PROXY ?? 'false');
  return [
    ...secretProblems(given.JWT_SECRET),
    ...(forgeable === null
      ? []
      : [
          `TRUST_PROXY: ${forgeable}. In production clients could choose their own address with it: ` +
            'set the number of proxies in front of the service, or their addresses',
        ]),
    ...(booleanFlag.safeParse(given.SEED).data
      ? ['SEED: demo data comes with known passwords and is refused in production']
      : []),
  ];
}

function secretProblems(secret: string | undefined): string[] {
  const advice = 'for example the output of openssl rand -base64 48';
  if (!secret) return [`JWT_SECRET: must be set in production (at least ${MIN_SECRET_BYTES} bytes, ${advice})`];
  // One that is too short has a message of its own.
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES || !isGuessable(secret)) return [];
  return [
    `JWT_SECRET: can be guessed, because it repeats itself, runs in sequence or is a placeholder: set a random one, ${advice}`,
  ];
}

/** Migrations need a session of their own for their lock, which a pooler in transaction mode does not give. */
function poolerProblems({ DATABASE_URL, DIRECT_DATABASE_URL }: Environment): string[] {
  if (DIRECT_DATABASE_URL) {
    if (!DATABASE_URL) return ['DATABASE_URL: must be set where DIRECT_DATABASE_URL is'];
    return isSameSchema(DATABASE_URL, DIRECT_DATABASE_URL)
      ? []
      : ['DIRECT_DATABASE_URL: must have the same ?schema= as DATABASE_URL'];
  }
  const pooled = DATABASE_URL !== undefined && /[?&]pgbouncer=true(&|$)/.test(DATABASE_URL);
  return pooled ? ['DIRECT_DATABASE_URL: must be set with pgbouncer=true in DATABASE_URL: past the pooler'] : [];
}

function isSameSchema(...urls: readonly string[]): boolean {
  // An invalid URL has an error of its own.
  const schemas = urls.flatMap((url) =>
    URL.canParse(url) ? (new URL(url).searchParams.get('schema') ?? 'public') : [],
  );
  return new Set(schemas).size <= 1;
}

/** The host name for a browser on this machine, for a server that listens on `host`. */
function visibleHost(host: string): string {
  if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
