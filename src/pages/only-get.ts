import type { RequestHandler } from 'express';
import { MethodNotAllowedError } from '../lib/errors/index.js';

/** Refuses every method but GET and HEAD, for pages and files. */
export const onlyGet: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(req.method, 'GET, HEAD');
  next();
};
