import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attacks } from '../../bench/abuse/attacks/index.js';
import { createResponseReader } from '../../bench/abuse/generators/response-reader.js';
import { repeat, textFrame } from '../../bench/abuse/generators/websocket-frames.js';
import { hoardingToMarkdown, isWithinHoardingBound, type HoardingRun } from '../../bench/abuse/hoarding.js';
import { parseOptions, UsageError, usage } from '../../bench/abuse/options.js';
import { describeResult, toMarkdown } from '../../bench/abuse/report.js';
import { summarize, type Pair, type Run } from '../../bench/abuse/summary.js';
import type { Attack } from '../../bench/abuse/attack.js';

const NAMES = ['bot', 'movements'];

describe('parseOptions', () => {
  it('has five pairs of five seconds of every attack by default', () => {
    expect(parseOptions([], NAMES)).toMatchObject({ only: [], pairs: 5, seconds: 5, check: false, list: false });
  });

  it('reads every option', () => {
    const args = [
      '--only',
      'bot',
      '--only',
      'movements',
      '--pairs',
      '2',
      '--seconds',
      '10',
      '--json',
      'a.json',
      '--check',
    ];
    expect(parseOptions(args, NAMES)).toMatchObject({
      only: NAMES,
      pairs: 2,
      seconds: 10,
      json: 'a.json',
      check: true,
    });
  });

  it.each([
    ['an unknown attack', ['--only', 'flood']],
    ['an unknown option', ['--fast']],
    ['no number', ['--pairs', 'x']],
    ['no pair', ['--pairs', '0']],
    ['too many seconds', ['--seconds', '61']],
  ])('refuses %s', (_, args) => {
    expect(() => parseOptions(args, NAMES)).toThrow(UsageError);
  });
});

describe('attacks', () => {
  it('have names of their own, which the usage lists', () => {
    const names = attacks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(usage(attacks)).toContain(`  ${name} `);
  });
});

describe('createResponseReader', () => {
  const RESPONSES = [
    'HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
    'HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nHTTP/1.1 9\r',
    'HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n\r\n0\r\n-\r\n0\r\n\r\n',
    'HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
  ];

  it('finds every response, in order, however the data is cut', () => {
    const all = RESPONSES.join('');
    fc.assert(
      fc.property(fc.array(fc.nat(all.length)), (cuts) => {
        const statuses: number[] = [];
        const read = createResponseReader((status) => statuses.push(status));
        const edges = [0, ...cuts.sort((a, b) => a - b), all.length];
        for (const [index, edge] of edges.slice(1).entries()) read(Buffer.from(all.slice(edges[index], edge)));
        expect(statuses).toEqual([201, 304, 429, 200, 206, 202, 204]);
      }),
    );
  });
});

it('frames a text as a websocket client does', () => {
  // RFC 6455, 5.2: FIN and opcode 1; masked, length 2; a mask of zeros.
  expect([...repeat(textFrame('40'), 2)]).toEqual([
    0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30, 0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30,
  ]);
});

describe('summarize', () => {
  const ATTACK: Attack = {
    name: 'example',
    title: 'an example',
    clients: 3,
    bound: 1.5,
    control: 'refused-tokens',
    send: () => Promise.reject(new Error('unused')),
  };

  const run = (latencyMs: number, failed = 0): Run => ({
    honest: { reservations: { latenciesMs: [1, latencyMs], failed, answers: {} }, signIns: null },
    traffic: { perSecond: 7, answers: { 401: 2 } },
    recoveryMs: latencyMs,
    logLines: 2,
  });
  const pair = (control: number, attack: number, failed = 0): Pair => ({
    baseline: run(1),
    control: run(control),
    attack: run(attack, failed),
  });

  it('divides the median with the attack by the median with the control, and adds up the answers', () => {
    const summary = summarize({ pairs: [pair(10, 14), pair(1000, 16), pair(8, 9000, 1)] }, ATTACK);
    expect(summary).toMatchObject({
      ratio: 1.6,
      isWithinBound: false,
      answers: { 401: 6 },
      maxRecoveryMs: 9000,
      logLines: 6,
      control: { p99Ms: { median: 10, min: 8, max: 1000 }, failed: 0, sent: 6 },
      attack: { p99Ms: { median: 16, min: 14, max: 9000 }, failed: 1, sent: 6, perSecond: 7 },
    });
    expect(toMarkdown([{ attack: ATTACK, summary, failure: null }])).toContain('**1.6 ×** | ✘ ≤ 1.5 × | 1 of 6 |');
  });

  it('accepts a ratio that equals the bound', () => {
    expect(summarize({ pairs: [pair(10, 15)] }, ATTACK).isWithinBound).toBe(true);
  });

  it('shows an attack without a completed pair as failed', () => {
    const failed = toMarkdown([{ attack: ATTACK, summary: null, failure: 'the service ended' }]);
    expect(failed).toContain('| failed |');
    expect(failed).toContain('Ended early: the service ended.');
    expect(describeResult(null, 'the service ended')).toBe('failed, the service ended');
  });
});

describe('the runs of hoarding', () => {
  const run = (coolDown: string, bought: number): HoardingRun => ({
    buyers: 500,
    hoarders: 500,
    attemptsPerSecond: 1,
    coolDown,
    settings: {},
    honest: { answers: { 201: bought }, bought },
    hoarding: { answers: { 201: 7, 'cool-down': 9 }, bought: 0 },
  });

  it('are within the bound if others got enough units with the default settings', () => {
    expect(isWithinHoardingBound([run('off', 10), run('by default', 80)])).toBe(true);
    expect(isWithinHoardingBound([run('off', 90), run('by default', 79)])).toBe(false);
  });

  it('are shown with the holds of the hoarders', () => {
    expect(hoardingToMarkdown([run('by default', 79)])).toMatch(
      /✘ ≥ 80 [\s\S]*\| 500 \| 500, each 1 a second \| by default \| 7 \| 9 \| \*\*79 of 100\*\*/,
    );
  });
});
