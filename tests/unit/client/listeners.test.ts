import { afterEach, expect, it, vi } from 'vitest';
import { createListeners } from '../../../src/client/listeners.js';

interface Events {
  change: (what: string) => void;
}

afterEach(() => {
  vi.useRealTimers();
});

it('hear until they stop, each for itself, and one that throws harms no other', () => {
  vi.useFakeTimers();
  const listeners = createListeners<Events>();
  const heard: string[] = [];
  const note = (what: string) => void heard.push(what);
  listeners.on('change', () => {
    throw new Error('its own fault');
  });
  const stop = listeners.on('change', note);
  listeners.on('change', note);
  listeners.tell('change', 'first');
  stop();
  stop();
  listeners.tell('change', 'second');
  expect(heard).toEqual(['first', 'first', 'second']);
  // Not swallowed either.
  expect(() => vi.runAllTimers()).toThrow('its own fault');
});

it('may stop or come while they are told', () => {
  const listeners = createListeners<Events>();
  const heard: string[] = [];
  const stop = listeners.on('change', () => {
    stop();
    heard.push('once');
    listeners.on('change', () => heard.push('later'));
  });
  listeners.tell('change', '');
  expect(heard).toEqual(['once']);
  listeners.tell('change', '');
  expect(heard).toEqual(['once', 'later']);
});
