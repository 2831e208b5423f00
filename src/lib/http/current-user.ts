import type { RequestHandler, Response } from 'express';
import type { Authenticate, AuthenticatedUser } from '../auth/authenticate.js';
import { ForbiddenError } from '../errors/index.js';
import type { Access } from './define-route.js';

/** The user that {@link requireAccess} found for this request. */
export function currentUser(res: Response): AuthenticatedUser {
  const user = (res.locals as { user?: AuthenticatedUser }).user;
  if (!user) throw new Error('currentUser() is for routes that are not public');
  return user;
}

/** Lets a request through if its sender may make it, and remembers the sender. */
export function requireAccess(access: Exclude<Access, 'public'>, authenticate: Authenticate): RequestHandler {
  return async (req, res, next) => {
    const user = await authenticate(req.headers.authorization);
    if (access === 'admin' && user.role !== 'admin') throw new ForbiddenError('Only an admin may do this');
    res.locals.user = user;
    next();
  };
}
