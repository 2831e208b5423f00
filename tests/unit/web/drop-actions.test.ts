import { expect, it } from 'vitest';
import { DropStatus } from '../../../src/inventory/inventory.schema.js';
import { decideAction } from '../../../src/modules/drops/changes.decide.js';
import { actionsOf, DROP_ACTIONS } from '../../../web/src/admin/controls/drop-actions.js';
import { DROP } from '../../helpers/drop.js';

const NOW = Date.parse('2030-06-01T12:00:00Z');
const MINUTE_MS = 60_000;

it.each(DropStatus.options)('the page offers what the service does with a drop that is %s', (status) => {
  for (const start of [NOW - MINUTE_MS, NOW, NOW + MINUTE_MS]) {
    const stored = { status, dropStartsAt: new Date(start), readAt: new Date(NOW) };
    const accepted = DROP_ACTIONS.filter((action) => decideAction(action, stored) === 'write');
    const offered = actionsOf({ ...DROP, status, dropStartsAt: new Date(start).toISOString() }, NOW);
    // A drop is scheduled before its start alone, and live or sold out afterwards.
    const isPossible = status === 'scheduled' ? start > NOW : start <= NOW || !['live', 'sold_out'].includes(status);
    if (isPossible) expect([...offered].sort()).toEqual(accepted.sort());
  }
});
