import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/lib/config/index.js';

describe('a variable whose name is close to a setting', () => {
  it.each([
    // One letter is missing, added or changed, or two are swapped.
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URLS', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['RATE_LIMIT_ENABLE', 'RATE_LIMIT_ENABLED'],
    ['RATE_LIMITS_ENABLED', 'RATE_LIMIT_ENABLED'],
    ['JWT_SECERT', 'JWT_SECRET'],
    ['JWT_EXPIRE_IN', 'JWT_EXPIRES_IN'],
    ['TRUST_PROXYS', 'TRUST_PROXY'],
    ['REDIS_UR', 'REDIS_URL'],
    ['RESERVATION_TTL_SECOND', 'RESERVATION_TTL_SECONDS'],
    ['FRONTEND_PRD_URL', 'FRONTEND_PROD_URL'],
    ['PROT', 'PORT'],
    ['HSOT', 'HOST'],
    // The case or the separators differ.
    ['database_url', 'DATABASE_URL'],
    ['Database-Url', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['DATABASE__URL', 'DATABASE_URL'],
    ['public.url', 'PUBLIC_URL'],
    ['port', 'PORT'],
    ['log-level', 'LOG_LEVEL'],
    // The order of the words differs.
    ['URL_DATABASE', 'DATABASE_URL'],
    ['PROXY_TRUST', 'TRUST_PROXY'],
    ['RATE_ENABLED_LIMIT', 'RATE_LIMIT_ENABLED'],
  ])('is reported: %s with the suggestion %s', (name, suggestion) => {
    expect(() => parseConfig({ [name]: 'some value' })).toThrow(
      `  - ${name}: is no setting and has no effect; did you mean ${suggestion}?`,
    );
  });

  it('is reported together with others and with invalid settings', () => {
    const parse = () => parseConfig({ PORT: 'eighty', DATABSE_URL: 'postgres://h/d', LOG_LEVL: 'debug' });
    expect(parse).toThrow(/^Wrong settings:\n {2}- PORT: .*\n {2}- DATABSE_URL: .*\n {2}- LOG_LEVL: .*$/);
  });

  it('is reported without its value, which can be a secret', () => {
    let message = '';
    try {
      parseConfig({ DATABSE_URL: 'postgres://u:pa55word@h/d' });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('DATABSE_URL');
    expect(message).not.toContain('pa55word');
  });

  it('is ignored if the setting itself is set', () => {
    expect(() => parseConfig({ DATABASE_URI: 'mysql://h/d', DATABASE_URL: 'postgres://h/d' })).not.toThrow();
  });

  it('is ignored while it is empty', () => {
    expect(() => parseConfig({ DATABSE_URL: '', LOG_LEVL: '  ' })).not.toThrow();
  });
});

it('variables of other programs are ignored', () => {
  const others = [
    ...[
      'PATH',
      'HOME',
      'USER',
      'SHELL',
      'PWD',
      'LANG',
      'TERM',
      'HOSTNAME',
      'HOSTTYPE',
      'LOGNAME',
      'MAIL',
      'EDITOR',
      'TZ',
    ],
    ...[
      'PGHOST',
      'PGPORT',
      'PGDATABASE',
      'PGUSER',
      'POSTGRES_PASSWORD',
      'POSTGRES_DB',
      'DATABASE_PORT',
      'DATABASE_HOST',
    ],
    ...['REDIS_PORT', 'REDIS_HOST', 'REDIS_TLS_URL', 'DATABASE_PUBLIC_URL', 'PROXY_ADDRESS', 'HTTP_PROXY', 'NO_PROXY'],
    ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_VERSION', 'npm_config_loglevel', 'npm_lifecycle_event', 'npm_package_name'],
    ...[
      'HOSTS',
      'PORTS',
      'ROLES',
      'SPEED',
      'GHOST',
      'SORT',
      'CI',
      'DEBUG',
      'CHROMIUM',
      'ALL_TESTS',
      'API_1',
      'API_2',
      '_',
    ],
    ...['KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'DATA', 'SECRET', 'URL', 'JWT', 'PUBLIC', 'FRONTEND', 'DIR'],
  ];
  expect(() => parseConfig(Object.fromEntries(others.map((name) => [name, 'x'])))).not.toThrow();
});
