import type { Profiler } from 'node:inspector';
import { expect, it } from 'vitest';
import { PARTS, summarizeProfile } from '../../bench/profile/parts.js';
import { isRunning, sharesOf } from '../../bench/profile/states.js';

type Frame = [functionName: string, url: string];

/** A profile whose stacks are given from the outermost function inwards, each with the time of its samples. */
function profileOf(...stacks: [time: number, ...frames: Frame[]][]): Profiler.Profile {
  const nodes: Profiler.ProfileNode[] = [];
  const nodeOf = (functionName: string, url: string) => {
    const callFrame = { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 };
    const node: Profiler.ProfileNode = { id: nodes.length + 1, callFrame, children: [] };
    nodes.push(node);
    return node;
  };
  const root = nodeOf('(root)', '');
  const samples = stacks.map(([, ...frames]) => {
    let at = root;
    for (const frame of frames) {
      const node = nodeOf(...frame);
      at.children?.push(node.id);
      at = node;
    }
    return at.id;
  });
  return { nodes, samples, timeDeltas: stacks.map(([time]) => time), startTime: 0, endTime: 0 };
}

const parse: Frame = ['parse', 'file:///app/node_modules/zod/v4/core/parse.js'];
const parseParts: Frame = ['parseParts', 'file:///app/dist/lib/validation/parse-parts.js'];
const verify: Frame = ['verify', 'file:///app/dist/lib/auth/tokens.js'];
const end: Frame = ['end', 'node:_http_outgoing'];

it('a function without a part of its own belongs to the part of its nearest caller that has one', () => {
  const { byPart } = summarizeProfile(
    profileOf(
      [10, parseParts, parse],
      [20, parseParts, verify, parse],
      [5, verify],
      [7, end, ['write', 'node:net'], ['writeUtf8String', '']],
    ),
  );
  expect(byPart).toMatchObject({ validation: 10, token: 25, answer: 7 });
});

it('idle time and the profiler itself are no part, and what has no part is reported as other, with its functions', () => {
  const unknown: Frame = ['processTicksAndRejections', 'node:internal/process/task_queues'];
  const { byPart, others } = summarizeProfile(
    profileOf(
      [900, ['(idle)', '']],
      [80, ['post', 'node:inspector'], ['dispatch', '']],
      [30, unknown],
      [4, ['', '']],
      [60, ['(garbage collector)', '']],
      [9, ['(program)', '']],
    ),
  );
  expect(byPart).toMatchObject({ other: 34, 'garbage collection': 60, 'outside JavaScript': 9 });
  expect(others).toEqual([
    { name: 'processTicksAndRejections node:internal/process/task_queues', time: 30 },
    { name: '(anonymous)', time: 4 },
  ]);
  expect(PARTS.reduce((sum, part) => sum + byPart[part], 0)).toBe(103);
});

it('a process runs if it has the state R or D, whatever the name of its program', () => {
  expect(isRunning('17 (node) R 1 17 17 0')).toBe(true);
  expect(isRunning('17 (a ) S b) D 1 17 17 0')).toBe(true);
  expect(isRunning('17 (a ) R b) S 1 17 17 0')).toBe(false);
  expect(isRunning('')).toBe(false);
});

it('each sample counts for one of four states', () => {
  const sample = (service: boolean, postgres: boolean) => ({ service, postgres });
  const samples = [sample(true, false), sample(true, false), sample(false, true), sample(true, true), sample(false, false)]; // prettier-ignore
  expect(sharesOf(samples)).toEqual({ service: 0.4, postgres: 0.2, both: 0.2, neither: 0.2 });
});
