// Starts the whole service, uses it and stops it. The process exits by itself unless an open handle is left.
// Usage: node --import tsx service-that-stops.ts <connection string>
import { pino } from 'pino';
import { io } from 'socket.io-client';
import { parseConfig } from '../../../src/lib/config/index.js';
import { startService } from '../../../src/service.js';

const [databaseUrl] = process.argv.slice(2);
const config = parseConfig({
  NODE_ENV: 'test',
  PORT: '0',
  HOST: '127.0.0.1',
  METRICS_PORT: '0',
  DATABASE_URL: databaseUrl,
  JWT_SECRET: 'a secret that is long enough for a test',
});
const { context, port, stop } = await startService(config, { logger: pino({ level: 'silent' }) });
const url = `http://127.0.0.1:${port}`;

const account = { username: 'user', email: 'user@example.com', password: 'correct horse' };
const response = await fetch(`${url}/api/users/register`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(account),
});
const { data } = (await response.json()) as { data: { token: string } };
const socket = io(url, { auth: { token: data.token }, reconnection: false });
await new Promise((resolve, reject) => socket.once('connect', () => { resolve(undefined); }).once('connect_error', reject)); // prettier-ignore
await context.worker.runOnce();

await stop();
console.log('stopped');
