import type { Config } from './lib/config/index.js';
import { isWebBuilt } from './pages/web-pages.js';
import { DEMO_PASSWORD, DEMO_USERS } from './seed/demo-data.js';
import type { Service } from './service.js';

/** The text that the process prints after its start: the addresses of the service. */
export function banner(config: Config, { port }: Service): string {
  if (port === null) return '\n  Worker running: the units of expired reservations go back on sale.\n\n';
  const admin = DEMO_USERS.find(({ role }) => role === 'admin');
  const url = config.http.publicUrl.replace(/:0$/, `:${port}`);
  const lines = [
    ...(isWebBuilt() ? [['Shop', `${url}/`]] : []),
    ['API', `${url}/api/drops`],
    ['Docs', `${url}/docs`],
    ['Sockets', `${url} (Socket.io)`],
    ['Database', config.database.url ? 'DATABASE_URL' : `embedded PostgreSQL (npm run studio, npm run db:url)`],
    ...(config.seed && admin ? [['Admin', `${admin.email}, password ${DEMO_PASSWORD}`]] : []),
  ];
  const table = lines.map(([name = '', value = '']) => `  ${name.padEnd(10)}${value}`).join('\n');
  return `\n  Drop inventory is running (${config.env}).\n\n${table}\n\n  Ctrl-C stops it.\n\n`;
}
