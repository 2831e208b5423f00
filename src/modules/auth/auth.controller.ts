import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { LoginBody, RegisterBody } from './auth.schema.js';
import type { AuthService } from './auth.service.js';

interface SenderInput {
  readonly clientAddress: () => string;
  readonly signal: CancellationSignal;
}

export function createAuthController(auth: AuthService) {
  return {
    async register({ body, clientAddress, signal }: { body: RegisterBody } & SenderInput) {
      return { message: 'Account created', data: await auth.register(body, { address: clientAddress(), signal }) };
    },

    async login({ body, clientAddress, signal }: { body: LoginBody } & SenderInput) {
      return { message: 'Signed in', data: await auth.login(body, { address: clientAddress(), signal }) };
    },

    async me({ user }: { user: AuthenticatedUser }) {
      return { message: 'Your account', data: await auth.profile(user.id, user) };
    },

    async get({ params, user }: { params: { id: string }; user: AuthenticatedUser }) {
      return { message: 'Account', data: await auth.profile(params.id, user) };
    },
  };
}
