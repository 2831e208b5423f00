import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Context } from './context.js';
import { OverloadedError, RouteNotFoundError } from './lib/errors/index.js';
import { exchangeOf } from './lib/http/exchange.js';
import { createFastPathRouter, mountRoutes } from './lib/http/routers.js';
import { createCommonMiddleware } from './lib/http/common-middleware.js';
import { createSendProblem } from './lib/http/problem-response.js';
import { createEndpoint } from './lib/http/serve-route.js';
import type { OfferedAccount } from './pages/page-head.js';
import { mountPublicFiles, mountWebPages } from './pages/web-pages.js';
import { mountDocs } from './pages/docs-page.js';
import { createDropPreviews } from './pages/drop-preview.js';
import { createRoutes } from './modules/index.js';
import { PROBLEMS } from './modules/problems.js';

export interface App {
  /** The whole API and the pages, for the HTTP server. */
  readonly listener: RequestListener;
  /** The same, by Express alone; `listener` passes on to it what the fast path router does not serve. */
  readonly express: Express;
  /** Answers any request 503 `overloaded`. */
  readonly refuse: RequestListener;
}

interface AppOptions {
  /** The built storefront; by default the build's output. */
  readonly webFolder?: string;
  /** Offered by the sign-in page; by default none. */
  readonly demoAccounts?: readonly OfferedAccount[] | undefined;
}

/**
 * Builds the HTTP application: middleware and mounts, in order. Never listens.
 */
export function createApp(context: Context, { webFolder, demoAccounts }: AppOptions = {}): App {
  const { config, services, logger, failures, readLimit } = context;
  const { publicUrl } = config.http;
  const commonMiddleware = createCommonMiddleware({ ...context, ...config.http });
  const sendProblem = createSendProblem({ publicUrl, logger, failures });
  const routes = createRoutes(context);
  const checkResponses = config.env !== 'production';
  const endpoints = routes.map((route) => createEndpoint(route, { ...context, sendProblem, checkResponses }));

  const app = express();
  app.disable('x-powered-by');
  app.use(commonMiddleware.handle);
  mountRoutes(app, endpoints);
  // Built for the first request that needs it: most processes are never asked for it.
  mountDocs(app, async () => (await import('./api-document.js')).buildApiDocument(routes, publicUrl), PROBLEMS);
  mountPublicFiles(app);
  mountWebPages(app, {
    publicUrl,
    previewDrop: createDropPreviews({ getDrop: services.drops.get, publicUrl }),
    readLimit,
    demoAccounts,
    folder: webFolder,
  });
  app.use(() => {
    throw new RouteNotFoundError();
  });
  // Express recognizes an error handler by its four parameters.
  const answerError: ErrorRequestHandler = (error, req, res, _next) => {
    sendProblem(error, exchangeOf(req, res));
  };
  app.use(answerError);
  return {
    express: app,
    listener: createFastPathRouter(app, endpoints, commonMiddleware),
    refuse(req, res) {
      commonMiddleware.handle(req, res, () => {
        sendProblem(new OverloadedError(), exchangeOf(req, res));
      });
    },
  };
}
