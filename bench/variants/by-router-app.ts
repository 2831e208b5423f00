import { createApp as createOurs, type App } from '../../src/app.js';
import type { Context } from '../../src/context.js';

/** Replaces the service's app: Express's router handles every request. */
export function createApp(context: Context): App {
  const app = createOurs(context);
  return { ...app, listener: app.express };
}
