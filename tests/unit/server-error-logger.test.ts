import { afterEach, expect, it, vi } from 'vitest';
import { serverErrorLogger } from '../helpers/server-error-logger.js';

const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => {
  write.mockClear();
});
const printed = () => write.mock.calls.map(([text]) => String(text)).join('');

it('the error of a 500 is printed, with its stack', () => {
  serverErrorLogger().error({ code: 'internal-error', path: '/api/drops', err: new Error('no such column') }, 'failed');
  expect(printed()).toMatch(/\/api\/drops.*\n.*no such column\n +at /);
});

it('database failures that affected requests are printed', () => {
  serverErrorLogger().warn({ affected: { request: 2 }, reason: 'connection refused' }, 'away');
  expect(printed()).toContain('connection refused');
});

it('other lines are not printed, and no line is printed if outages are expected', () => {
  serverErrorLogger().warn({ affected: { sweep: 1 } }, 'a sweep failed');
  serverErrorLogger().error({ dropId: '1' }, 'another error');
  serverErrorLogger(true).error({ code: 'internal-error', err: new Error('expected') }, 'failed');
  expect(printed()).toBe('');
});
