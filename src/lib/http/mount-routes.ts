import type { Express } from 'express';
import { MethodNotAllowedError } from '../errors/index.js';
import type { Endpoint } from './serve-route.js';

/** Mounts the routes on the app, and an answer 405 for every other method of their paths. */
export function mountRoutes(app: Express, endpoints: readonly Endpoint[]): void {
  // Path by path, so that GET /api/users/login is a wrong method and not the user with the id "login".
  for (const path of new Set(endpoints.map(({ route }) => route.path))) {
    const here = endpoints.filter(({ route }) => route.path === path);
    for (const { route, serve } of here) app[route.method](path, (req, res) => serve(req, res, req.params));
    const methods = here.map(({ route: { method } }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase()));
    app.all(path, (req) => {
      throw new MethodNotAllowedError(req.method, methods.join(', '));
    });
  }
}
