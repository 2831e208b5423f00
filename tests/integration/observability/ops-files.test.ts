import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findFreePort } from '../../helpers/free-port.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { until } from '../../helpers/locks.js';
import { queriedMetrics } from '../../helpers/promql.js';
import { scrape } from '../../helpers/scrape.js';
import { listenTo } from '../../helpers/sockets.js';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const hasPromtool = canTest(
  "Prometheus's own tests of the alarms",
  spawnSync('promtool', ['--version']).status === 0,
  'There is no promtool.',
);

const { groups } = parse(read('ops/prometheus/alerts.yaml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(read('ops/grafana/drop-inventory.json')) as Dashboard;
const targets = dashboard.panels.flatMap(({ title, targets: each = [] }) =>
  each.map((target) => ({ title, ...target })),
);

/** Metrics and labels that Prometheus adds. */
const ADDED_BY_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance'] };
/** Replaces the variable that Grafana replaces with a duration. */
const withoutVariables = (expression: string) => expression.replaceAll('$__rate_interval', '1m');

/** Names of all metrics of a running service, each with the labels of its series. */
const exportedMetrics = new Map<string, Set<string>>();
let app: TestApp;

beforeAll(async () => {
  const port = await findFreePort();
  app = await startTestApp({ env: { ROLE: 'all', METRICS_PORT: String(port) } });
  const [user, dropId] = [await app.createUser(), await app.createDrop()];
  const { body } = await app.reserve(user, dropId).expect(201);
  await app.purchase(user, body.data.reservation.id).expect(201);
  const listener = await listenTo(app);
  await listener.socket.emitWithAck('drops:subscribe');
  listener.close();
  // The metric exists after the first garbage collection.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await until('a garbage collection to be measured', async () =>
    (await scrape(port)).some(({ name }) => name === 'nodejs_gc_duration_seconds_sum'),
  );
  for (const { name, labels } of await scrape(port)) {
    const labelNames = exportedMetrics.get(name) ?? new Set();
    for (const label of Object.keys(labels)) labelNames.add(label);
    exportedMetrics.set(name, labelNames);
  }
});
afterAll(() => app.close());

/** Returns the metrics and labels of an expression that a running service does not have. */
function missing(expression: string): string[] {
  return queriedMetrics(withoutVariables(expression)).flatMap(({ metric, labels }) => {
    const labelNames = exportedMetrics.get(metric);
    if (ADDED_BY_PROMETHEUS.metrics.includes(metric)) return [];
    // Some metrics of the process exist only on Linux, and the files are for Linux servers.
    if (!labelNames && metric.startsWith('process_') && process.platform !== 'linux') return [];
    if (!labelNames) return [metric];
    return labels
      .filter((label) => !labelNames.has(label) && !ADDED_BY_PROMETHEUS.labels.includes(label))
      .map((label) => `${metric}{${label}}`);
  });
}

describe('the alerts of Prometheus', () => {
  it.for(alerts.map(({ alert, expr }) => [alert, expr] as const))(
    'use metrics and labels of the service: %s',
    ([, expression]) => {
      expect(queriedMetrics(expression)).not.toEqual([]);
      expect(missing(expression)).toEqual([]);
    },
  );

  it('fail this check with an unknown metric, an unknown label or invalid PromQL', () => {
    expect(missing('sum by (outcome) (rate(reservations_total[5m]))')).toEqual([]);
    expect(missing('rate(reservation_total[5m])')).toEqual(['reservation_total']);
    expect(missing('drop_lock_wait_seconds > 1')).toEqual(['drop_lock_wait_seconds']);
    expect(missing('http_request_duration_seconds_count{code="500"}')).toEqual([
      'http_request_duration_seconds_count{code}',
    ]);
    expect(missing('sum by (kind) (rate(purchases_total[5m]))')).toEqual(['purchases_total{kind}']);
    expect(() => missing('sum(rate(purchases_total[5m])')).toThrow('no PromQL');
    expect(() => missing('rate(purchases_total[5 minutes])')).toThrow('no PromQL');
  });

  it.for(alerts)('have a severity and a section in docs/operations.md: $alert', ({ alert, labels, annotations }) => {
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    const [, section] = new RegExp(`^### ${alert}\n([^]*?)(?=^##|(?![^]))`, 'm').exec(read('docs/operations.md')) ?? [];
    expect(section, 'its section in docs/operations.md').toMatch(/\*\*Means\.\*\* .+\n[^]*\*\*Do\.\*\* .+\n/);
  });

  it('include every alert that has a section in docs/operations.md', () => {
    const [, section = ''] = read('docs/operations.md').split('\n## Alarms\n');
    const named = [...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('are the rule file of the example configuration and use its job names', () => {
    const config = parse(read('ops/prometheus/prometheus.yaml')) as {
      rule_files: string[];
      scrape_configs: { job_name: string }[];
    };
    expect(config.rule_files).toEqual(['alerts.yaml']);
    const jobs = new Set(alerts.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job)));
    expect([...jobs]).toEqual(config.scrape_configs.map(({ job_name }) => job_name));
  });
});

describe.skipIf(!hasPromtool)('the rule tests of promtool', () => {
  /** Returns whether the rules pass their tests after `from` is replaced by `to`. */
  function passes(from = '', to = ''): boolean {
    const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    try {
      cpSync(join(root, 'ops/prometheus'), folder, { recursive: true });
      const rules = read('ops/prometheus/alerts.yaml');
      expect(rules).toContain(from);
      writeFileSync(join(folder, 'alerts.yaml'), rules.replace(from, to));
      const run = (...args: string[]) => spawnSync('promtool', args, { cwd: folder }).status === 0;
      return run('check', 'config', 'prometheus.yaml') && run('test', 'rules', 'alerts.test.yaml');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('pass for the rules as they are', () => {
    expect(passes()).toBe(true);
  });

  it.for([
    ['an alert that never fires', '> 0.01', '> 0.99'],
    ['an alert that fires at once', 'for: 30s', 'for: 0s'],
    ['an alert that counts readiness checks', ', status="503", route!="/readyz"', ', status="503"'],
    ['an alert with an unknown template function', 'humanizeDuration', 'inWords'],
  ])('fail for a defective rule: %s', ([, from = '', to]) => {
    expect(passes(from, to)).toBe(false);
  });
});

it('docs/operations.md describes every metric of the service and its labels', () => {
  const ownMetrics = [...exportedMetrics].filter(([name]) => !/^(process|nodejs)_/.test(name));
  const [section = ''] = /^### Metrics$.*?(?=^#)/ms.exec(read('docs/operations.md')) ?? [];
  const rows = section
    .split('\n')
    // Names of settings are in capitals.
    .filter((line) => /^\| `[a-z_]+`/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const explained = new Map(
    rows.flatMap(([, names = '', labels = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, labels]),
    ),
  );
  const families = new Map(
    ownMetrics.map(([name, labels]) => [family(name), [...labels].filter((label) => label !== 'le')]),
  );
  expect([...explained.keys()].sort()).toEqual([...families.keys()].sort());
  for (const [name, labels] of families) {
    const listed = [...(explained.get(name) ?? '').matchAll(/\w+/g)].map(([label]) => label);
    expect([name, listed.sort()]).toEqual([name, labels.sort()]);
  }
});

describe("Grafana's dashboard", () => {
  it.for(targets)('uses metrics and labels of the service: $title ($refId)', ({ expr, legendFormat }) => {
    expect(missing(expr)).toEqual([]);
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
    const grouped = queriedMetrics(withoutVariables(expr)).flatMap(({ labels }) => labels);
    expect(grouped, 'what the legend shows').toEqual(expect.arrayContaining(shown));
  });

  it('shows every metric of the service', () => {
    const ownMetrics = [...exportedMetrics.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
    const shown = new Set(
      targets.flatMap(({ expr }) => queriedMetrics(withoutVariables(expr)).map(({ metric }) => family(metric))),
    );
    expect(ownMetrics.filter((name) => !shown.has(family(name)))).toEqual([]);
  });

  it('uses only variables that it defines', () => {
    const ownVariables = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval'];
    const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect(ownVariables).toEqual(expect.arrayContaining([...new Set(used)]));
    for (const { definition } of dashboard.templating.list) {
      const [, query] = /^label_values\((.+), \w+\)$/.exec(definition ?? '') ?? [];
      if (definition !== undefined) expect([definition, missing(query ?? '')]).toEqual([definition, []]);
    }
  });

  it('has no overlapping panels', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { title, gridPos: a }] of panels.entries()) {
      expect([title, a.x + a.w <= 24]).toEqual([title, true]);
      const overlapping = panels.slice(index + 1).filter(({ gridPos: b }) => {
        return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      });
      expect([title, overlapping.map((other) => other.title)]).toEqual([title, []]);
    }
  });
});

/** Returns the name of a histogram for its three metrics, and other names unchanged. */
function family(metric: string): string {
  return metric.replace(/_(bucket|sum|count)$/, '');
}
