import { createApp as create, type App } from '../../src/app.js';
import type { Context } from '../../src/context.js';

/** In place of the app's own: Express's router takes every request. */
export function createApp(context: Context): App {
  const app = create(context);
  return { ...app, listener: app.express };
}
