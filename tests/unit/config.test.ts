import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, loadConfig, parseConfig, readEnvironment, type Environment } from '../../src/lib/config/index.js';

const SECRET = 'x'.repeat(32);

/** Returns the error message for these settings. */
function refusalOf(environment: Environment): string {
  try {
    parseConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(environment)}`);
}

const DEFAULTS = {
  env: 'development',
  role: 'all',
  logLevel: 'info',
  dataDir: resolve('.data'),
  http: {
    host: '127.0.0.1',
    port: 5000,
    publicUrl: 'http://localhost:5000',
    trustProxy: false,
    origins: ['http://localhost:5173'],
    rateLimitEnabled: true,
    maxIdleConnections: 5000,
    rateLimits: {
      signIn: { limit: 300, windowSeconds: 60 },
      registration: { limit: 300, windowSeconds: 60 },
      reserve: { limit: 100, windowSeconds: 10 },
      purchase: { limit: 100, windowSeconds: 10 },
      purchaseList: { limit: 50, windowSeconds: 10 },
      export: { limit: 5, windowSeconds: 60 },
    },
    metricsPort: undefined,
    metricsHost: '127.0.0.1',
    shutdownDelayMs: 0,
  },
  database: { url: undefined, directUrl: undefined, embeddedPort: undefined },
  jwt: { secret: undefined, expiresInSeconds: 7 * 24 * 3600 },
  reservationTtlSeconds: 60,
  holdCoolDown: { after: 0, seconds: 600 },
  redisUrl: undefined,
  sockets: { maxPerAddress: 1000, maxCallsPerSecond: 20, maxCallsPerSecondAndAddress: 300, maxSubscriptions: 1000 },
  signIn: { maxWaitMs: 1_500, failureLimits: { perAccount: 5, perAddress: 30, maxDelayMs: 900_000 } },
  seed: true,
};

describe('without settings', () => {
  it('every setting has its default', () => {
    expect(parseConfig({})).toEqual(DEFAULTS);
  });

  it('an empty or blank string counts as unset', () => {
    const names = ['NODE_ENV', 'PORT', 'HOST', 'PUBLIC_URL', 'DATABASE_URL', 'JWT_SECRET', 'JWT_EXPIRES_IN'];
    names.push(
      'FRONTEND_URL',
      'FRONTEND_PROD_URL',
      'RESERVATION_TTL_SECONDS',
      'RATE_LIMIT_ENABLED',
      'REDIS_URL',
      'ROLE',
    );
    names.push('LOG_LEVEL', 'TRUST_PROXY', 'DATA_DIR', 'EMBEDDED_PG_PORT', 'METRICS_PORT', 'SEED');
    names.push('DIRECT_DATABASE_URL', 'SHUTDOWN_DELAY_SECONDS', 'IDLE_CONNECTIONS', 'METRICS_HOST');
    names.push('RATE_LIMIT_SIGN_IN', 'RATE_LIMIT_REGISTRATION', 'RATE_LIMIT_RESERVE', 'RATE_LIMIT_PURCHASE');
    names.push('RATE_LIMIT_PURCHASE_LIST', 'RATE_LIMIT_EXPORT', 'HOLD_COOL_DOWN_AFTER', 'HOLD_COOL_DOWN_SECONDS');
    names.push('SOCKETS_PER_ADDRESS', 'SOCKET_CALLS_PER_SECOND', 'SOCKET_CALLS_PER_ADDRESS', 'SOCKET_SUBSCRIPTIONS');
    names.push('SIGN_IN_WAIT_MS', 'SIGN_IN_FAILURES', 'SIGN_IN_FAILURES_PER_ADDRESS', 'SIGN_IN_MAX_DELAY_SECONDS');
    for (const blank of ['', ' ', '\t']) {
      expect(parseConfig(Object.fromEntries(names.map((name) => [name, blank])))).toEqual(DEFAULTS);
    }
  });

  it('a copied .env.example changes nothing', () => {
    expect(parseConfig(parseEnv(readFileSync('.env.example', 'utf8')) as Environment)).toEqual(DEFAULTS);
  });
});

describe('a setting', () => {
  it.each<[Environment, object]>([
    [{ PORT: '0' }, { http: { port: 0 } }],
    [{ PORT: '65535' }, { http: { port: 65_535, publicUrl: 'http://localhost:65535' } }],
    [{ HOST: '0.0.0.0' }, { http: { host: '0.0.0.0', publicUrl: 'http://localhost:5000' } }],
    [{ HOST: '10.0.0.7', PORT: '80' }, { http: { publicUrl: 'http://10.0.0.7:80' } }],
    [{ HOST: 'fd00::1' }, { http: { publicUrl: 'http://[fd00::1]:5000' } }],
    [{ PUBLIC_URL: 'https://drops.example//' }, { http: { publicUrl: 'https://drops.example' } }],
    [{ PUBLIC_URL: 'https://drops.example/shop/' }, { http: { publicUrl: 'https://drops.example/shop' } }],
    [{ DATABASE_URL: 'postgres://u:p@h/d' }, { database: { url: 'postgres://u:p@h/d' } }],
    [{ DATABASE_URL: 'postgresql://h/d?schema=shop' }, { database: { url: 'postgresql://h/d?schema=shop' } }],
    [
      { DATABASE_URL: 'postgres://pooler/d?pgbouncer=true', DIRECT_DATABASE_URL: 'postgres://h/d' },
      { database: { url: 'postgres://pooler/d?pgbouncer=true', directUrl: 'postgres://h/d' } },
    ],
    [{ SHUTDOWN_DELAY_SECONDS: '5' }, { http: { shutdownDelayMs: 5_000 } }],
    [{ EMBEDDED_PG_PORT: '54321' }, { database: { embeddedPort: 54_321 } }],
    [{ JWT_SECRET: SECRET }, { jwt: { secret: SECRET } }],
    [{ JWT_SECRET: 'ä'.repeat(16) }, { jwt: { secret: 'ä'.repeat(16) } }],
    [{ JWT_EXPIRES_IN: '90' }, { jwt: { expiresInSeconds: 90 } }],
    [{ JWT_EXPIRES_IN: '90s' }, { jwt: { expiresInSeconds: 90 } }],
    [{ JWT_EXPIRES_IN: '15m' }, { jwt: { expiresInSeconds: 900 } }],
    [{ JWT_EXPIRES_IN: '12 h' }, { jwt: { expiresInSeconds: 43_200 } }],
    [{ JWT_EXPIRES_IN: '2w' }, { jwt: { expiresInSeconds: 1_209_600 } }],
    [
      { FRONTEND_URL: ' https://a.example/ ,http://b.example:8080,', FRONTEND_PROD_URL: 'https://c.example/x' },
      { http: { origins: ['https://a.example', 'http://b.example:8080', 'https://c.example'] } },
    ],
    [
      { FRONTEND_URL: 'https://a.example', PUBLIC_URL: 'https://SHOP.example:443/drops/' },
      { http: { origins: ['https://a.example', 'https://shop.example'] } },
    ],
    [{ RESERVATION_TTL_SECONDS: '86400' }, { reservationTtlSeconds: 86_400 }],
    [{ HOLD_COOL_DOWN_AFTER: '3' }, { holdCoolDown: { after: 3, seconds: 600 } }],
    [{ HOLD_COOL_DOWN_AFTER: '0', HOLD_COOL_DOWN_SECONDS: '1' }, { holdCoolDown: { after: 0, seconds: 1 } }],
    [{ RATE_LIMIT_ENABLED: 'false' }, { http: { rateLimitEnabled: false } }],
    [{ IDLE_CONNECTIONS: '100' }, { http: { maxIdleConnections: 100 } }],
    [{ RATE_LIMIT_ENABLED: '0' }, { http: { rateLimitEnabled: false } }],
    [{ RATE_LIMIT_EXPORT: '6/7' }, { http: { rateLimits: { export: { limit: 6, windowSeconds: 7 } } } }],
    [{ RATE_LIMIT_PURCHASE_LIST: '6/7' }, { http: { rateLimits: { purchaseList: { limit: 6, windowSeconds: 7 } } } }],
    [{ RATE_LIMIT_RESERVE: '5/1' }, { http: { rateLimits: { reserve: { limit: 5, windowSeconds: 1 } } } }],
    [
      { RATE_LIMIT_SIGN_IN: '1000000/86400', RATE_LIMIT_REGISTRATION: '1/2', RATE_LIMIT_PURCHASE: '3/4' },
      {
        http: {
          rateLimits: {
            signIn: { limit: 1_000_000, windowSeconds: 86_400 },
            registration: { limit: 1, windowSeconds: 2 },
            purchase: { limit: 3, windowSeconds: 4 },
          },
        },
      },
    ],
    [{ SIGN_IN_WAIT_MS: '100' }, { signIn: { maxWaitMs: 100 } }],
    [
      { SIGN_IN_FAILURES: '1', SIGN_IN_FAILURES_PER_ADDRESS: '2', SIGN_IN_MAX_DELAY_SECONDS: '86400' },
      { signIn: { failureLimits: { perAccount: 1, perAddress: 2, maxDelayMs: 86_400_000 } } },
    ],
    [{ RATE_LIMIT_ENABLED: 'false', SIGN_IN_FAILURES: '1' }, { signIn: { failureLimits: null } }],
    [{ REDIS_URL: 'rediss://r:6379' }, { redisUrl: 'rediss://r:6379' }],
    [{ ROLE: 'worker' }, { role: 'worker' }],
    [{ LOG_LEVEL: 'trace' }, { logLevel: 'trace' }],
    [{ TRUST_PROXY: 'true' }, { http: { trustProxy: true } }],
    [{ TRUST_PROXY: '2' }, { http: { trustProxy: 2 } }],
    [{ TRUST_PROXY: 'loopback, 10.0.0.0/8 ,fd00::/8' }, { http: { trustProxy: 'loopback,10.0.0.0/8,fd00::/8' } }],
    [{ DATA_DIR: '/tmp/x/../y' }, { dataDir: '/tmp/y' }],
    [{ METRICS_PORT: '9090' }, { http: { metricsPort: 9090 } }],
    [{ HOST: '0.0.0.0', METRICS_HOST: '10.0.0.7' }, { http: { host: '0.0.0.0', metricsHost: '10.0.0.7' } }],
    [{ HOST: '0.0.0.0' }, { http: { metricsHost: '127.0.0.1' } }],
    [{ SEED: 'false' }, { seed: false }],
    [
      { NODE_ENV: 'test', SEED: 'true' },
      { env: 'test', seed: false },
    ],
  ])('is parsed from %j as %j', (environment, expected) => {
    expect(parseConfig(environment)).toMatchObject(expected);
  });

  it.each<[name: string, values: string[], message: string]>([
    ['NODE_ENV', ['prod', 'Production'], 'must be one of: development, test, production'],
    ['PORT', ['http', '-1', '65536', '0x50', '1e3', '80.5', ' 80'], 'must be a port number, 0 to 65535'],
    ['PUBLIC_URL', ['drops.example', 'ftp://drops.example', '/'], 'must be an http:// or https:// URL'],
    ['PUBLIC_URL', ['https://a.example/?x=1', 'https://a.example/#x'], 'must have no query and no fragment'],
    ['PUBLIC_URL', ['https://u:p@a.example', 'https://u@a.example/'], 'must have no user name and no password'],
    ['DATABASE_URL', ['localhost/drops', 'mysql://h/d', 'postgres'], 'must be a postgresql:// URL'],
    ['DATABASE_URL', ['?schema=', '?schema=pg_shop', '?schema=a%22b', `?schema=${'x'.repeat(64)}`].map((query) => `postgresql://h/d${query}`), '?schema= must be a name'], // prettier-ignore
    ['JWT_SECRET', ['secret', 'x'.repeat(31)], 'must be at least 32 bytes long'],
    ['JWT_EXPIRES_IN', ['0', '-1', '7 days', '1y', '1.5h', 'd'], 'must be seconds, or a number with s, m, h, d or w'],
    ['FRONTEND_URL', ['*', 'a.example', 'https://a.example,b'], 'must be an origin such as https://shop.example'],
    ['FRONTEND_PROD_URL', ['*', 'null'], 'must be an origin such as https://shop.example'],
    ['HOLD_COOL_DOWN_AFTER', ['-1', '21', 'off', '1.5'], 'must be a whole number, 0 (off) to 20'],
    ['HOLD_COOL_DOWN_SECONDS', ['0', '10m', '86401'], 'must be a whole number of seconds, 1 to 86400'],
    ['RESERVATION_TTL_SECONDS', ['0', '-5', '1m', '86401', '1.5'], 'must be a whole number of seconds, 1 to 86400'],
    ['RATE_LIMIT_ENABLED', ['maybe', '2'], 'must be true or false'],
    ['RATE_LIMIT_RESERVE', ['100', '100/', '0/10', '10/0', '1.5/1', '5/1m', '5 / 1', '1000001/1', '1/86401', 'off'], 'must be requests/seconds, such as 100/10: 1 to 1000000 requests in 1 to 86400 seconds'], // prettier-ignore
    ['REDIS_URL', ['localhost:6379', 'http://r'], 'must be a redis:// or rediss:// URL'],
    ['ROLE', ['both', 'API'], 'must be one of: all, api, worker'],
    ['LOG_LEVEL', ['verbose'], 'must be one of: fatal, error, warn, info, debug, trace, silent'],
    ['TRUST_PROXY', ['yes', 'proxy.local', '10.0.0.0/33', '10.0.0.1,x', '1.5', '::1/129'], 'the number of proxies, or'],
    ['EMBEDDED_PG_PORT', ['x'], 'must be a port number, 0 to 65535'],
    ['METRICS_PORT', ['x'], 'must be a port number, 0 to 65535'],
    ['SEED', ['perhaps'], 'must be true or false'],
  ])('named %s cannot be %j', (name, values, message) => {
    for (const value of values) {
      const refusal = refusalOf({ [name]: value });
      expect(refusal).toMatch(/^Wrong settings:\n {2}- [^\n]+$/);
      expect(refusal).toContain(`- ${name}: ${message.includes('must') ? message : ''}`);
      expect(refusal).toContain(message);
    }
  });
});

it('one error lists all invalid settings, without their values', () => {
  const refusal = refusalOf({ PORT: 'eighty', JWT_SECRET: 'hush', ROLE: 'both', DATABASE_URL: 'hush', HOST: 'fine' });
  expect(refusal.split('\n')).toEqual([
    'Wrong settings:',
    expect.stringMatching(/^ {2}- PORT: /),
    expect.stringMatching(/^ {2}- DATABASE_URL: /),
    expect.stringMatching(/^ {2}- JWT_SECRET: /),
    expect.stringMatching(/^ {2}- ROLE: /),
  ]);
  expect(refusal).not.toContain('hush');
});

describe('production', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: 'Zk3vQx9_Lw2mTb7nRf0cYh5-Jd8sPa1g' };

  it('listens on every address and does not seed', () => {
    expect(parseConfig(production)).toMatchObject({ http: { host: '0.0.0.0' }, seed: false });
    expect(parseConfig({ ...production, SEED: 'false' }).seed).toBe(false);
  });

  it('has a cool-down after two unpaid holds, unless it is turned off', () => {
    expect(parseConfig(production).holdCoolDown).toEqual({ after: 2, seconds: 600 });
    expect(parseConfig({ ...production, HOLD_COOL_DOWN_AFTER: '0' }).holdCoolDown.after).toBe(0);
  });

  it('requires a secret, refuses demo data, and reports both with all other errors', () => {
    const refusal = refusalOf({ NODE_ENV: 'production', SEED: 'true', PORT: 'x' });
    expect(refusal).toMatch(/- PORT: .*\n {2}- JWT_SECRET: must be set in production.*\n {2}- SEED: .*refused/);
  });

  it.each([
    ['of one character', 'a'.repeat(64)],
    ['of few characters', '0101101110010100011010011100101101001011100101'],
    ['that repeats itself', 'abc'.repeat(20)],
    ['of a repeated phrase', 'sneakers-for-all-sneakers-for-all-'],
    ['of a repeated hexadecimal number', 'deadbeef'.repeat(8)],
    ['in sequence', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['in descending sequence', 'zyxwvutsrqponmlkjihgfedcba987654'],
    ['that is padded', `changeme${'0'.repeat(40)}`],
    ['of a template', 'please-CHANGE_ME-before-the-launch-of-shop'],
    ['of a tutorial', 'your-256-bit-secret-for-signing-the-tokens'],
    ['of few letters that are long in UTF-8', 'ä'.repeat(32)],
  ])('refuses a secret %s', (_, secret) => {
    const refusal = refusalOf({ ...production, JWT_SECRET: secret });
    expect(refusal).toMatch(/^Wrong settings:\n {2}- JWT_SECRET: can be guessed.*openssl rand -base64 48$/);
    expect(refusal).not.toContain(secret);
    expect(parseConfig({ JWT_SECRET: secret }).jwt.secret, 'development').toBe(secret);
  });

  it('accepts random secrets of 32 and more digits or letters, and phrases', () => {
    const random = Array.from({ length: 100 }, () => [
      ...(['hex', 'base64', 'base64url'] as const).map((encoding) => randomBytes(24).toString(encoding)),
      randomBytes(16).toString('hex'),
    ]);
    for (const secret of [
      ...random.flat(),
      'correct horse battery staple again',
      'a secret that is long enough for us',
    ]) {
      expect([secret, parseConfig({ ...production, JWT_SECRET: secret }).jwt.secret]).toEqual([secret, secret]);
    }
  });

  it('trusts a number of proxies or their networks, and not every address', () => {
    expect(parseConfig({ ...production, TRUST_PROXY: '1' }).http.trustProxy).toBe(1);
    expect(parseConfig({ ...production, TRUST_PROXY: '10.0.0.0/8' }).http.trustProxy).toBe('10.0.0.0/8');
    const refusal = refusalOf({ NODE_ENV: 'production', JWT_SECRET: 'a'.repeat(32), TRUST_PROXY: 'true' });
    expect(refusal).toMatch(
      /- JWT_SECRET: can be guessed.*\n {2}- TRUST_PROXY: true is refused. In production.*number of proxies/,
    );
  });

  it.each([
    ['11', 'more than 10 proxies are refused'],
    ['999', 'more than 10 proxies are refused'],
    ['0.0.0.0/1,128.0.0.0/1', '0.0.0.0/1 is refused'],
    ['loopback, 10.0.0.0/7', '10.0.0.0/7 is refused'],
    ['10.0.0.1,::/1,8000::/1', '::/1 is refused'],
    ['2000::/15', '2000::/15 is refused'],
    ['::ffff:0:0/96', '::ffff:0:0/96 is refused'],
    ['::ffff:128.0.0.0/97', '::ffff:128.0.0.0/97 is refused'],
    ['0:0:0:0:0:FFFF:a00:0/103', '0:0:0:0:0:FFFF:a00:0/103 is refused'],
  ])('does not trust %s, with which clients could choose their address', (value, message) => {
    const refusal = refusalOf({ ...production, TRUST_PROXY: value });
    expect(refusal).toMatch(/^Wrong settings:\n {2}- TRUST_PROXY: [^\n]+ In production clients could choose [^\n]+$/);
    expect(refusal).toContain(`- TRUST_PROXY: ${message}`);
    expect(() => parseConfig({ TRUST_PROXY: value }), 'development').not.toThrow();
  });

  it.each(['0', '10', '10.0.0.0/8', '2000::/16', '::ffff:10.0.0.0/104', '::ffff:10.0.0.1', 'uniquelocal,192.168.1.4'])(
    'trusts %s',
    (value) => {
      expect(() => parseConfig({ ...production, TRUST_PROXY: value })).not.toThrow();
    },
  );

  it('names a value of TRUST_PROXY that is not valid once', () => {
    expect(refusalOf({ ...production, TRUST_PROXY: '0.0.0.0/1,x' }).split('\n')).toHaveLength(2);
  });

  it('reports a short secret once', () => {
    expect(refusalOf({ NODE_ENV: 'production', JWT_SECRET: 'short' })).toBe(
      'Wrong settings:\n  - JWT_SECRET: must be at least 32 bytes long',
    );
  });
});

describe('.env', () => {
  const before = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drop-inventory-env-'));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });

  it('is read if it exists', () => {
    vi.stubEnv('RESERVATION_TTL_SECONDS', undefined);
    expect(readEnvironment().RESERVATION_TTL_SECONDS).toBeUndefined();
    writeFileSync('.env', '# a comment\nRESERVATION_TTL_SECONDS=5 # seconds\nDATA_DIR="a b"\n');
    expect(readEnvironment()).toMatchObject({ RESERVATION_TTL_SECONDS: '5', DATA_DIR: 'a b' });
    expect(loadConfig().reservationTtlSeconds).toBe(5);
  });

  it('has lower precedence than the environment', () => {
    writeFileSync('.env', 'RESERVATION_TTL_SECONDS=5\n');
    vi.stubEnv('RESERVATION_TTL_SECONDS', '6');
    expect(loadConfig().reservationTtlSeconds).toBe(6);
  });
});

describe('the limits of sockets', () => {
  it('can be set', () => {
    const given = {
      SOCKETS_PER_ADDRESS: '5000',
      SOCKET_CALLS_PER_SECOND: '5',
      SOCKET_CALLS_PER_ADDRESS: '50',
      SOCKET_SUBSCRIPTIONS: '10',
    };
    expect(parseConfig(given).sockets).toEqual({
      maxPerAddress: 5000,
      maxCallsPerSecond: 5,
      maxCallsPerSecondAndAddress: 50,
      maxSubscriptions: 10,
    });
  });

  it('per second and per address are turned off by RATE_LIMIT_ENABLED=false', () => {
    expect(parseConfig({ RATE_LIMIT_ENABLED: 'false' }).sockets).toEqual({
      maxPerAddress: Infinity,
      maxCallsPerSecond: Infinity,
      maxCallsPerSecondAndAddress: Infinity,
      maxSubscriptions: 1000,
    });
  });
});
