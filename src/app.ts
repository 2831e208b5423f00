import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Context } from './context.js';
import { RouteNotFoundError } from './lib/errors/index.js';
import { createFastPathRouter } from './lib/http/fast-path-router.js';
import { mountRoutes } from './lib/http/mount-routes.js';
import { createCommonMiddleware } from './lib/http/common-middleware.js';
import { mountPublicFiles } from './pages/public-files.js';
import { createAnswerProblem } from './lib/http/problem-response.js';
import { createEndpoint } from './lib/http/serve-route.js';
import { mountWebPages } from './pages/web-pages.js';
import { mountDocs } from './pages/docs-page.js';
import { buildOpenApiDocument } from './lib/openapi/document.js';
import { createDropPreviews } from './pages/drop-preview.js';
import { createRoutes } from './modules/index.js';

/** What answers requests. */
export interface App {
  /** Everything: for the HTTP server. */
  readonly listener: RequestListener;
  /** Everything as well, by way of Express's router alone; `listener` hands over to it what no route takes by itself. */
  readonly express: Express;
}

/**
 * Builds what answers requests: middleware and mounts, in order. Never listens.
 *
 * @param webFolder where the built storefront is, if not where the build puts it.
 */
export function createApp(context: Context, webFolder?: string): App {
  const { config, services, logger, failures } = context;
  const { publicUrl } = config.http;
  const opening = createCommonMiddleware({ ...context, ...config.http });
  const answerProblem = createAnswerProblem({ publicUrl, logger, failures });
  const routes = createRoutes(context);
  const checkAnswers = config.env !== 'production';
  const endpoints = routes.map((route) => createEndpoint(route, { ...context, answerProblem, checkAnswers }));

  const app = express();
  app.disable('x-powered-by');
  app.use(opening);
  mountRoutes(app, endpoints);
  mountDocs(app, buildOpenApiDocument(routes, { publicUrl }));
  mountPublicFiles(app);
  mountWebPages(app, {
    publicUrl,
    previewDrop: createDropPreviews({ getDrop: services.drops.get, publicUrl }),
    folder: webFolder,
  });
  app.use(() => {
    throw new RouteNotFoundError();
  });
  // Express tells an error handler by its four parameters.
  const answerError: ErrorRequestHandler = (error, req, res, _next) => {
    answerProblem(error, req, res);
  };
  app.use(answerError);
  return { express: app, listener: createFastPathRouter(app, endpoints, opening) };
}
