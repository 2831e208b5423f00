import { performance } from 'node:perf_hooks';

const SAMPLE_INTERVAL_MS = 100;
/** The share of time for which the event loop may be busy. */
const MAX_UTILIZATION = 0.5;
const MAX_FACTOR = 4;
const DECREASE = 0.25;

/**
 * Makes the factor by which background work has to slow down: 0 while the event loop has time, doubled up to 4 while it is busy
 * for more than half of the time, and lowered step by step when it is not. It is read for each task and sampled ten times a second.
 */
export function createLoopPressure(): () => number {
  let sample = performance.eventLoopUtilization();
  let sampledAt = performance.now();
  let factor = 0;
  return () => {
    const now = performance.now();
    if (now - sampledAt < SAMPLE_INTERVAL_MS) return factor;
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, sample);
    factor =
      utilization > MAX_UTILIZATION ? Math.min(MAX_FACTOR, Math.max(1, factor * 2)) : Math.max(0, factor - DECREASE);
    sample = current;
    sampledAt = now;
    return factor;
  };
}
