import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { ChangePasswordBody, CloseAccountBody, EraseAccountBody } from './accounts.schema.js';
import type { LimitRead } from '../../lib/http/read-limit.js';
import type { AccountsService } from './accounts.service.js';
import type { ExportService } from './export.service.js';

interface ByUser {
  readonly user: AuthenticatedUser;
}

interface FromSender extends ByUser {
  readonly clientAddress: () => string;
  readonly signal: CancellationSignal;
}

interface ByAdmin extends ByUser {
  readonly params: { readonly id: string };
}

interface Services {
  readonly accounts: AccountsService;
  readonly exports: ExportService;
}

export function createAccountsController({ accounts, exports }: Services) {
  return {
    async logout({ user }: ByUser) {
      await accounts.logout(user);
      return { message: 'Signed out', data: null };
    },

    async logoutAll({ user }: ByUser) {
      await accounts.logoutAll(user);
      return { message: 'Signed out everywhere', data: null };
    },

    async changePassword({ user, body, clientAddress, signal }: FromSender & { body: ChangePasswordBody }) {
      const token = await accounts.changePassword(user, body, { address: clientAddress(), signal });
      return { message: 'Password changed', data: { token } };
    },

    async erase({ user, body, clientAddress, signal }: FromSender & { body: EraseAccountBody }) {
      await accounts.erase(user, body.password, { address: clientAddress(), signal });
      return { message: 'Account deleted', data: null };
    },

    async exportMe({ user, limitRead, signal }: FromSender & { limitRead: LimitRead }) {
      const data = await exports.exportAccount(user.id, { limitRead, signal });
      return { message: 'Everything that is kept of your account', data };
    },

    async disable({ params, body, user: by }: ByAdmin & { body: CloseAccountBody }) {
      const data = await accounts.disable(params.id, { by, reason: body.reason ?? null });
      return { message: 'Account disabled', data };
    },

    async enable({ params, body, user: by }: ByAdmin & { body: CloseAccountBody }) {
      const data = await accounts.enable(params.id, { by, reason: body.reason ?? null });
      return { message: 'Account enabled', data };
    },
  };
}
