import type { Logger } from './logger.js';

export interface DisposalStack {
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes what was added, last first, each even if another fails. May be called again: closed things stay closed. */
  closeAll(): Promise<void>;
}

/** A stack of things to close. */
export function createDisposalStack(logger: Logger): DisposalStack {
  const open: { name: string; close: () => Promise<void> | void }[] = [];
  return {
    add(name, close) {
      open.push({ name, close });
    },
    async closeAll() {
      for (let next = open.pop(); next; next = open.pop()) {
        try {
          await next.close();
        } catch (error) {
          logger.error({ err: error }, `could not close: ${next.name}`);
        }
      }
    },
  };
}
