import type { BrowserContextOptions, Page } from 'playwright';
import type { DemoUsers } from './demo-users.js';

/** A picture in docs/images. */
export interface Shot {
  /** Of its file, without the extension. */
  readonly name: string;
  readonly path: string | ((users: DemoUsers) => Promise<string>);
  readonly as?: 'buyer' | 'admin';
  readonly options?: BrowserContextOptions;
  readonly prepare?: (page: Page, users: DemoUsers) => Promise<unknown>;
}

export const PHONE = { width: 390, height: 844 };
