import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { ChangeDropBody, DropAction, DropActionBody } from './changes.schema.js';
import type { DropChangesService } from './changes.service.js';

interface ByAdmin<Body> {
  readonly user: AuthenticatedUser;
  readonly params: { readonly id: string };
  readonly body: Body;
}

export function createDropChangesController(changes: DropChangesService) {
  return {
    async change({ params, body, user }: ByAdmin<ChangeDropBody>) {
      return { message: 'Drop changed', data: await changes.change(params.id, body, { actorId: user.id }) };
    },

    /** The handler of an action. */
    act:
      (action: DropAction, message: string) =>
      async ({ params, body, user }: ByAdmin<DropActionBody>) => {
        const data = await changes.act(params.id, action, { actorId: user.id, reason: body.reason });
        return { message, data };
      },
  };
}
