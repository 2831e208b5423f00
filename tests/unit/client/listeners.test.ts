import { afterEach, expect, it, vi } from 'vitest';
import { createListenerMap } from '../../../src/client/listeners.js';

interface Events {
  change: (what: string) => void;
}

afterEach(() => {
  vi.useRealTimers();
});

it('calls each listener until it is removed, and continues after one that throws', () => {
  vi.useFakeTimers();
  const listeners = createListenerMap<Events>();
  const received: string[] = [];
  const listener = (what: string) => void received.push(what);
  listeners.on('change', () => {
    throw new Error('a defect of the listener');
  });
  const stop = listeners.on('change', listener);
  listeners.on('change', listener);
  listeners.notify('change', 'first');
  stop();
  stop();
  listeners.notify('change', 'second');
  expect(received).toEqual(['first', 'first', 'second']);
  // The error is reported as uncaught.
  expect(() => vi.runAllTimers()).toThrow('a defect of the listener');
});

it('accepts additions and removals during a notification', () => {
  const listeners = createListenerMap<Events>();
  const received: string[] = [];
  const stop = listeners.on('change', () => {
    stop();
    received.push('once');
    listeners.on('change', () => received.push('later'));
  });
  listeners.notify('change', '');
  expect(received).toEqual(['once']);
  listeners.notify('change', '');
  expect(received).toEqual(['once', 'later']);
});
