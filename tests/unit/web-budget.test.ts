import { describe, expect, it } from 'vitest';
import { judge } from '../../scripts/web-budget/judge.js';

const FAST = { lcpMs: 1_800, cls: 0.01, inpMs: 120 };
const calm = (vitals: Partial<typeof FAST>) => ({ vitals: { ...FAST, ...vitals }, slowness: 1.1 });
const busy = (vitals: Partial<typeof FAST>) => ({ ...calm(vitals), slowness: 3 });

describe('a page', () => {
  it('passes with one good value of each kind, also of different tries', () => {
    expect(judge([calm({})], false)).toEqual({ kind: 'passed' });
    expect(judge([busy({ lcpMs: 9_000 }), busy({ inpMs: 900 })], false)).toEqual({ kind: 'passed' });
  });

  it.each([
    ['LCP is 2500 ms, not under 2500 ms', { lcpMs: 2_500 }],
    ['CLS is 0.050, not under 0.05', { cls: 0.05 }],
    ['INP is 200 ms, not under 200 ms', { inpMs: 200 }],
  ])('fails if no try met the budget, and three were on a calm machine: %s', (problem, vitals) => {
    const slow = calm(vitals);
    expect(judge([slow, slow, slow], false)).toEqual({ kind: 'undecided' });
    expect(judge([slow, busy(vitals), slow, slow], true)).toEqual({ kind: 'failed', problems: [problem] });
    expect(judge([slow, busy(vitals), slow, busy(vitals)], true)).toEqual({ kind: 'too noisy' });
  });

  it('is not judged by tries on a busy machine', () => {
    const tries = Array.from({ length: 5 }, () => busy({ inpMs: 900 }));
    expect(judge(tries, true)).toEqual({ kind: 'too noisy' });
  });
});
