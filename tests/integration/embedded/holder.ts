// Uses the embedded server until its standard input closes. Usage: node --import tsx holder.ts <data folder>
import { pino } from 'pino';
import { openEmbeddedPostgres, openTemporaryPostgres } from '../../../src/embedded-postgres/index.js';

const [dataDir = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
const server =
  dataDir === '--temporary'
    ? await openTemporaryPostgres({ logger })
    : await openEmbeddedPostgres({ dataDir, settings: { fsync: 'off' }, logger });
const { url, port, attached, dataFolder } = server;
console.log(JSON.stringify({ url, port, attached, dataFolder }));
process.stdin.resume().once('end', () => void server.close());
