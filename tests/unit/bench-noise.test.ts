import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  parseMachine,
  parseProcess,
  readCpuTicks,
  shareOfOthers,
  ticksOfDescendants,
} from '../../bench/harness/other-programs.js';
import { showsMiss } from '../../bench/harness/sign-test.js';

describe('showsMiss', () => {
  it('agrees with the exact probabilities of the sign test', () => {
    // 1/32, 1/16, 6/32, 9/256, 37/256, 176/4096… of the ways in which coins fall.
    expect(showsMiss(0, 5)).toBe(true);
    expect(showsMiss(0, 4)).toBe(false);
    expect(showsMiss(1, 5)).toBe(false);
    expect(showsMiss(1, 8)).toBe(true);
    expect(showsMiss(1, 7)).toBe(false);
    expect(showsMiss(2, 10)).toBe(false);
    expect(showsMiss(2, 11)).toBe(true);
  });

  it('calls a floor that holds exactly missed in at most one of twenty runs', () => {
    // A generator with a fixed seed, so that every run of the test has the same rounds.
    let state = 1;
    const coin = () => (state = (state * 48_271) % 2_147_483_647) % 2;
    for (const rounds of [5, 8, 15]) {
      const runs = Array.from({ length: 10_000 }, () =>
        Array.from({ length: rounds }, coin).reduce((sum, reaches) => sum + reaches, 0),
      );
      expect(runs.filter((reaching) => showsMiss(reaching, rounds)).length / runs.length).toBeLessThan(0.05);
    }
  });
});

describe('the share of other programs', () => {
  it('is what processes and other machines used, without this run', () => {
    const stat = 'cpu  1000 50 500 8000 100 30 70 250 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n';
    expect(parseMachine(stat)).toEqual({ total: 10_000, used: 1_800 });
    const before = { total: 10_000, used: 1_800, own: 300 };
    expect(shareOfOthers(before, { total: 12_000, used: 3_300, own: 1_500 })).toBeCloseTo(0.15);
    expect(shareOfOthers(before, { total: 12_000, used: 2_000, own: 510 })).toBe(0);
    expect(shareOfOthers(before, null)).toBeNull();
    expect(shareOfOthers(before, before)).toBeNull();
  });

  it('counts a process with all its descendants, whatever their names are', () => {
    const text = '42 (a (strange) 1 name) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 11 0 5 6 7';
    expect(parseProcess(text)).toEqual({ pid: 42, parent: 7, ticks: 127 });
    const processes = [
      { pid: 1, parent: 0, ticks: 1 },
      { pid: 7, parent: 1, ticks: 10 },
      { pid: 42, parent: 7, ticks: 100 },
      { pid: 43, parent: 42, ticks: 1_000 },
      { pid: 50, parent: 1, ticks: 10_000 },
    ];
    expect(ticksOfDescendants(processes, [7])).toBe(1_110);
    expect(ticksOfDescendants(processes, [42, 50])).toBe(11_100);
  });

  it.runIf(process.platform === 'linux')('counts a child that has ended', async () => {
    const before = await readCpuTicks([process.pid]);
    const busy =
      'const used = () => { const { user, system } = process.cpuUsage(); return user + system; }; while (used() < 400_000);';
    await once(spawn(process.execPath, ['-e', busy]), 'exit');
    const after = await readCpuTicks([process.pid]);
    // 400 ms of 100 ticks a second, which are rounded down.
    expect((after?.own ?? 0) - (before?.own ?? 0)).toBeGreaterThanOrEqual(35);
    expect(after?.total).toBeGreaterThan(before?.total ?? Infinity);
  });
});
