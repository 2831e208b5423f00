import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { canTest } from '../helpers/can-test.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../helpers/locks.js';
import { startProgram, type RunningProgram } from '../helpers/processes.js';
import { scrape, sumOf } from '../helpers/scrape.js';

const OTEL = join(import.meta.dirname, '../../ops/otel');
const isInstalled = canTest(
  'tracing',
  existsSync(join(OTEL, 'node_modules')),
  'Its packages are not installed: npm ci --prefix ops/otel',
);

/** A span in OTLP's JSON format, with the members that the tests use. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[];
}
interface TracesRequest {
  readonly resourceSpans: readonly {
    readonly resource: Pick<Span, 'attributes'>;
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const SECRET = 'a secret that is long enough for a test';
const dataDir = mkdtempSync(join(tmpdir(), 'tracing-'));
const spans: Span[] = [];
const services = new Set<unknown>();
let collector: Server;
/** Makes the database, users and drops. The traced process is a separate one. */
let app: TestApp;
let traced: RunningProgram;
let url: string;
let metricsPort: number;

const attributeOf = ({ attributes }: Pick<Span, 'attributes'>, key: string) => {
  const { stringValue, intValue } = attributes.find((attribute) => attribute.key === key)?.value ?? {};
  return stringValue ?? intValue;
};
const spanOf = (requestId: string) => spans.find((span) => attributeOf(span, 'request.id') === requestId);
const traceOf = (requestId: string) => spans.filter(({ traceId }) => traceId === spanOf(requestId)?.traceId);
const statementsOf = (requestId: string) =>
  traceOf(requestId).map((span) => String(attributeOf(span, 'db.query.text')));

function reserve(token: string, dropId: string, requestId: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'X-Request-Id': requestId };
  return fetch(`${url}/api/reservations`, { method: 'POST', headers, body: JSON.stringify({ dropId }) }).then(
    ({ status }) => status,
  );
}

describe.runIf(isInstalled)('ops/otel/start.mjs', () => {
  beforeAll(async () => {
    collector = createServer((req, res) => {
      void json(req).then((body) => {
        for (const { resource, scopeSpans } of (body as TracesRequest).resourceSpans) {
          services.add(attributeOf(resource, 'service.name'));
          spans.push(...scopeSpans.flatMap((scope) => scope.spans));
        }
        res.setHeader('Content-Type', 'application/json').end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    app = await startTestApp({ env: { JWT_SECRET: SECRET } });
    const port = await findFreePort();
    metricsPort = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    traced = startProgram('main', {
      NODE_OPTIONS: `--import=${pathToFileURL(join(OTEL, 'start.mjs')).href}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      DATABASE_URL: app.database.url,
      DATA_DIR: dataDir,
      JWT_SECRET: SECRET,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      SEED: 'false',
    });
    await traced.printed('Ctrl-C stops it');
  });

  afterAll(async () => {
    traced.signal('SIGKILL');
    collector.close();
    collector.closeAllConnections();
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('exports the trace of a request with its route, its id and its statements', async () => {
    const dropId = await app.createDrop();
    await fetch(`${url}/api/drops/${dropId}`, { headers: { 'X-Request-Id': 'one-drop' } });
    await until('the trace to arrive', () => spanOf('one-drop') !== undefined);
    const root = spanOf('one-drop');
    expect(root?.name).toBe('GET /api/drops/:id');
    expect(root && attributeOf(root, 'http.response.status_code')).toBe(200);
    expect([...services]).toEqual(['drop-inventory']);
    expect(statementsOf('one-drop')).toContainEqual(expect.stringContaining('FROM drops d'));
  });

  it('puts the statements of a batch in the trace of the request that started it, and in no other', async () => {
    const dropId = await app.createDrop();
    const [first, second] = [await app.createUser(), await app.createUser()];
    const statuses = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const running = reserve(first.token, dropId, 'first');
      await untilWaiting(app.database);
      const joined = reserve(second.token, dropId, 'second');
      const waiting = async () => sumOf(await scrape(metricsPort), 'batch_waiting_requests', { batcher: 'reserve' });
      await until('the second request to wait', async () => (await waiting()) === 1);
      await unlock();
      return Promise.all([running, joined]);
    });
    expect(statuses).toEqual([201, 201]);
    await until('both traces to arrive', () => spanOf('first') !== undefined && spanOf('second') !== undefined);
    const inserts = (requestId: string) =>
      statementsOf(requestId).filter((sql) => sql.includes('INSERT INTO reservations')).length;
    expect([inserts('first'), inserts('second')]).toEqual([1, 0]);
    expect(statementsOf('first')).toContain('COMMIT');
  });

  it('traces no probes and no background work', async () => {
    await fetch(`${url}/readyz`);
    await fetch(`${url}/api/drops`, { headers: { 'X-Request-Id': 'last' } });
    await until('the last trace to arrive', () => spanOf('last') !== undefined);
    const traces = new Set(spans.filter(({ name }) => /^(GET|POST) /.test(name)).map(({ traceId }) => traceId));
    expect(spans.filter(({ traceId }) => !traces.has(traceId))).toEqual([]);
    expect(spans.filter(({ name }) => name.includes('readyz'))).toEqual([]);
  });

  it('does not change the exit code, and exports the remaining spans at the end', async () => {
    await fetch(`${url}/api/drops`, { headers: { 'X-Request-Id': 'at-the-end' } });
    traced.signal('SIGTERM');
    expect(await traced.ended()).toBe(0);
    expect(spanOf('at-the-end')).toBeDefined();
  });
});
