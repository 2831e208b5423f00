import type { Logger } from '../logger.js';

export interface DisposalStack {
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes everything in reverse order, and logs failures. Repeated calls are harmless. */
  closeAll(): Promise<void>;
}

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
          logger.error({ err: error }, `Could not close: ${next.name}`);
        }
      }
    },
  };
}
