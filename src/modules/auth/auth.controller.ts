import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { LoginBody, RegisterBody } from './auth.schema.js';
import type { AuthService } from './auth.service.js';

export function createAuthController(auth: AuthService) {
  return {
    async register({ body }: { body: RegisterBody }) {
      return { message: 'Account created', data: await auth.register(body) };
    },

    async login({ body }: { body: LoginBody }) {
      return { message: 'Signed in', data: await auth.login(body) };
    },

    async me({ user }: { user: AuthenticatedUser }) {
      return { message: 'Your account', data: await auth.profile(user.id, user) };
    },

    async get({ params, user }: { params: { id: string }; user: AuthenticatedUser }) {
      return { message: 'Account', data: await auth.profile(params.id, user) };
    },
  };
}
