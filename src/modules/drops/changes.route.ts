import { defineRoute } from '../../lib/http/define-route.js';
import { problems } from '../problems.js';
import { createDropChangesController } from './changes.controller.js';
import { ChangeDropBody, DropActionBody, type DropAction } from './changes.schema.js';
import type { DropChangesService } from './changes.service.js';
import { DropParams, DropResponse } from './drops.schema.js';

interface ActionTexts {
  readonly summary: string;
  readonly description: string;
  /** For people, in the response. */
  readonly message: string;
}

const ACTIONS: Readonly<Record<DropAction, ActionTexts>> = {
  publish: {
    summary: 'Publish a draft',
    description: 'Published to every socket as `new_drop`. It is on sale at once if its start has passed.',
    message: 'Drop published',
  },
  pause: {
    summary: 'Pause the sale of a drop',
    description: 'No unit is reserved from then on. Holds stay, and can be purchased.',
    message: 'Drop paused',
  },
  resume: {
    summary: 'Resume the sale of a paused drop',
    description: 'Units can be reserved again.',
    message: 'Drop resumed',
  },
  end: {
    summary: 'End the sale of a drop',
    description:
      'Sets its end to now. Holds stay, and can be purchased. A drop that has not started cannot end; cancel it instead. A later ' +
      'end opens the sale again.',
    message: 'Drop ended',
  },
  cancel: {
    summary: 'Cancel a drop for good',
    description:
      'Its holds are released: each owner receives a `reservation_update` with the reason `drop-cancelled`. What was purchased stays.',
    message: 'Drop cancelled',
  },
};

export function dropChangeRoutes(service: DropChangesService) {
  const changes = createDropChangesController(service);
  const common = { tag: 'Drops', access: 'admin', owner: 'none', params: DropParams } as const;

  const actionRoute = (action: DropAction) => {
    const { summary, description, message } = ACTIONS[action];
    return defineRoute({
      ...common,
      method: 'post',
      path: `/api/drops/:id/${action}`,
      operationId: `${action}Drop`,
      summary,
      description: `${description} May be repeated: nothing happens then.`,
      body: DropActionBody,
      success: { status: 200, description: 'The drop.', data: DropResponse },
      problems: problems('drop-not-found', 'drop-state', 'outcome-unknown'),
      handler: changes.act(action, message),
    });
  };

  return [
    defineRoute({
      ...common,
      method: 'patch',
      path: '/api/drops/:id',
      operationId: 'changeDrop',
      summary: 'Change details of a drop',
      description:
        'Members that are left out stay as they are. A new start, end or limit takes effect for the next request; a new `holdSeconds` ' +
        'for the reservations that follow, as does a new price. The currency can be changed until the first unit is reserved. ' +
        'Published as `drop_update`. A cancelled drop cannot be changed.',
      body: ChangeDropBody,
      success: { status: 200, description: 'The drop.', data: DropResponse },
      problems: problems('drop-not-found', 'drop-state', 'currency-in-use', 'outcome-unknown'),
      handler: changes.change,
    }),
    ...(Object.keys(ACTIONS) as DropAction[]).map(actionRoute),
  ];
}
