import type { RequestHandler } from 'express';
import { MethodNotAllowedError } from '../lib/errors/index.js';

/** Refuses every method but GET and HEAD: for pages and files, which stand beside the routes of the API. */
export const onlyGet: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(req.method, 'GET, HEAD');
  next();
};
