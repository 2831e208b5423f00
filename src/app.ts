import cors from 'cors';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import type { Context } from './context.js';
import { RouteNotFoundError } from './lib/errors/index.js';
import { mountRoutes } from './lib/http/mount-routes.js';
import { problemResponse } from './lib/http/problem-response.js';
import { requestId } from './lib/http/request-id.js';
import { measureRequests } from './lib/http/measure-requests.js';
import { buildOpenApiDocument } from './lib/openapi/document.js';
import { mountDocs } from './lib/openapi/docs-page.js';
import { mountPictures } from './lib/http/pictures.js';
import { createRoutes } from './modules/index.js';

/** What a browser may read of an answer from another origin. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Idempotency-Replayed',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'ETag',
];
/** Seconds that browsers may remember a preflight for. */
const PREFLIGHT_MAX_AGE = 600;

/** Builds the Express app: middleware and mounts, in order. Never listens. */
export function createApp(context: Context): Express {
  const { config, logger, metrics } = context;
  const { publicUrl, origins, trustProxy } = config.http;
  const routes = createRoutes(context);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustProxy);

  app.use(
    pinoHttp({
      logger,
      genReqId: requestId,
      // A line a request would cost a quarter of the throughput; failures have their own line, in problemResponse.
      customLogLevel: () => 'debug',
      serializers: { req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }) },
    }),
  );
  app.use(measureRequests(metrics));
  app.use(
    helmet({
      // Over plain http these would send browsers to an https that is not there.
      ...(publicUrl.startsWith('https:')
        ? {}
        : { strictTransportSecurity: false, contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }),
    }),
  );
  app.use(cors({ origin: origins, credentials: true, exposedHeaders: EXPOSED_HEADERS, maxAge: PREFLIGHT_MAX_AGE }));

  mountRoutes(app, routes, { ...context, checkAnswers: config.env !== 'production' });
  mountDocs(app, buildOpenApiDocument(routes, { publicUrl }));
  mountPictures(app);
  app.use((req) => {
    throw new RouteNotFoundError(req.method, req.path);
  });
  app.use(problemResponse({ publicUrl, logger }));
  return app;
}
