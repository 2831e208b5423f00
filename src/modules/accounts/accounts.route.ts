import { z } from 'zod';
import type { Config } from '../../lib/config/index.js';
import { defineRoute } from '../../lib/http/define-route.js';
import { ProfileResponse, UserParams } from '../auth/auth.schema.js';
import { problems } from '../problems.js';
import { createAccountsController } from './accounts.controller.js';
import { ChangePasswordBody, CloseAccountBody, EraseAccountBody, TokenResponse } from './accounts.schema.js';
import type { AccountsService } from './accounts.service.js';
import { ExportResponse } from './export.schema.js';
import type { ExportService } from './export.service.js';

const tag = 'Accounts';
const NOTHING = z.null().meta({ description: 'Nothing.' });

/** @param limits with the rate of sign-ins of an address, which here is that of the passwords that a user tries. */
export function accountRoutes(
  services: { readonly accounts: AccountsService; readonly exports: ExportService },
  limits: Pick<Config['http']['rateLimits'], 'signIn' | 'export'>,
) {
  const accounts = createAccountsController(services);
  const triesPassword = { name: 'password', per: 'user', ...limits.signIn } as const;

  return [
    defineRoute({
      method: 'post',
      path: '/api/users/logout',
      operationId: 'logout',
      tag,
      summary: 'Sign out',
      description: 'The token of the request ends, and its sockets are closed within a second.',
      access: 'user',
      owner: 'caller',
      success: { status: 200, description: 'The token has ended.', data: NOTHING },
      problems: problems('outcome-unknown'),
      handler: accounts.logout,
    }),
    defineRoute({
      method: 'post',
      path: '/api/users/logout-all',
      operationId: 'logoutAll',
      tag,
      summary: 'Sign out everywhere',
      description: 'All tokens of the account end, and their sockets are closed within a second.',
      access: 'user',
      owner: 'caller',
      success: { status: 200, description: 'All tokens have ended.', data: NOTHING },
      problems: problems('outcome-unknown'),
      handler: accounts.logoutAll,
    }),
    defineRoute({
      method: 'patch',
      path: '/api/users/me/password',
      operationId: 'changePassword',
      tag,
      summary: 'Change my password',
      description: 'All other tokens of the account end. The response has the new one.',
      access: 'user',
      owner: 'caller',
      rateLimit: triesPassword,
      returnsToken: true,
      body: ChangePasswordBody,
      success: { status: 200, description: 'A new token.', data: TokenResponse },
      problems: problems('invalid-credentials', 'outcome-unknown'),
      handler: accounts.changePassword,
    }),
    defineRoute({
      method: 'delete',
      path: '/api/users/me',
      operationId: 'deleteMe',
      tag,
      summary: 'Delete my account',
      description:
        'Removes username, e-mail and password for good, ends all tokens, and releases the active holds. The reservations and ' +
        'purchases stay, with a name that is no person’s.',
      access: 'user',
      owner: 'caller',
      rateLimit: triesPassword,
      body: EraseAccountBody,
      success: { status: 200, description: 'The account no longer exists.', data: NOTHING },
      problems: problems('invalid-credentials', 'last-admin', 'outcome-unknown'),
      handler: accounts.erase,
    }),
    defineRoute({
      method: 'get',
      path: '/api/users/me/export',
      operationId: 'exportMe',
      tag,
      summary: 'Download my data',
      description:
        'Everything that is kept of the account, except the hash of the password. It is sent while it is read: if the connection ' +
        'closes before the end of the JSON, the export failed and may be repeated.',
      access: 'user',
      owner: 'caller',
      rateLimit: { name: 'export', per: 'user', ...limits.export },
      success: { status: 200, description: 'All data of the account.', data: ExportResponse },
      handler: accounts.exportMe,
    }),
    defineRoute({
      method: 'post',
      path: '/api/users/:id/disable',
      operationId: 'disableUser',
      tag,
      summary: 'Disable an account',
      description:
        'Its tokens end, its sockets are closed within a second, and its active holds are released. It cannot sign in until it is ' +
        'enabled. May be repeated.',
      access: 'admin',
      owner: 'none',
      params: UserParams,
      body: CloseAccountBody,
      success: { status: 200, description: 'The account, disabled.', data: ProfileResponse },
      problems: problems('user-not-found', 'own-account', 'outcome-unknown'),
      handler: accounts.disable,
    }),
    defineRoute({
      method: 'post',
      path: '/api/users/:id/enable',
      operationId: 'enableUser',
      tag,
      summary: 'Enable a disabled account',
      description: 'It can sign in again. May be repeated.',
      access: 'admin',
      owner: 'none',
      params: UserParams,
      body: CloseAccountBody,
      success: { status: 200, description: 'The account, enabled.', data: ProfileResponse },
      problems: problems('user-not-found', 'outcome-unknown'),
      handler: accounts.enable,
    }),
  ];
}
