import { defineRoute } from '../../lib/http/define-route.js';
import { HTTP_PROBLEMS } from '../../lib/errors/index.js';
import type { Config } from '../../lib/config/index.js';
import { problems } from '../problems.js';
import { createAuthController } from './auth.controller.js';
import { LoginBody, ProfileResponse, RegisterBody, SessionResponse, UserParams } from './auth.schema.js';
import type { AuthService } from './auth.service.js';

/** @param limits of an address. Hundreds of people share that of an office or a mobile carrier. */
export function authRoutes(
  service: AuthService,
  limits: Pick<Config['http']['rateLimits'], 'signIn' | 'registration'>,
) {
  const auth = createAuthController(service);
  const tag = 'Accounts';

  return [
    defineRoute({
      method: 'post',
      path: '/api/users/register',
      operationId: 'register',
      tag,
      summary: 'Create an account',
      description: 'A user account; the response signs it in.',
      access: 'public',
      owner: 'none',
      rateLimit: { name: 'registration', per: 'address', ...limits.registration },
      returnsToken: true,
      body: RegisterBody,
      success: { status: 201, description: 'The account and a token.', data: SessionResponse },
      problems: problems('email-taken', 'username-taken', 'outcome-unknown'),
      handler: auth.register,
    }),
    defineRoute({
      method: 'post',
      path: '/api/users/login',
      operationId: 'login',
      tag,
      summary: 'Sign in',
      description:
        'With the e-mail and the password. The token is valid for the time that the server is configured with.',
      access: 'public',
      owner: 'none',
      rateLimit: { name: 'sign-in', per: 'address', ...limits.signIn },
      returnsToken: true,
      body: LoginBody,
      success: { status: 200, description: 'The account and a token.', data: SessionResponse },
      problems: problems('invalid-credentials', 'unauthenticated'),
      handler: auth.login,
    }),
    defineRoute({
      method: 'get',
      path: '/api/users/me',
      operationId: 'getMe',
      tag,
      summary: 'Show my account',
      description: 'The account of the token.',
      access: 'user',
      owner: 'caller',
      success: { status: 200, description: 'The account.', data: ProfileResponse },
      handler: auth.me,
    }),
    defineRoute({
      method: 'get',
      path: '/api/users/:id',
      operationId: 'getUser',
      tag,
      summary: 'Show an account',
      description: 'With its e-mail.',
      access: 'user',
      owner: { resource: 'account', id: 'params.id', admin: true, refusal: HTTP_PROBLEMS.forbidden },
      params: UserParams,
      success: { status: 200, description: 'The account.', data: ProfileResponse },
      problems: problems('user-not-found'),
      handler: auth.get,
    }),
  ];
}
