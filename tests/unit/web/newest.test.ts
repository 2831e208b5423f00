import { describe, expect, it } from 'vitest';
import type { Drop } from '../../../web/src/api/client.js';
import { newest } from '../../../web/src/live/newest.js';
import { DROP as drop } from '../../helpers/drop.js';

const snapshot = (version: number, status: Drop['status'] = 'sold_out') => ({
  dropId: drop.id,
  totalStock: 10,
  availableStock: 0,
  reservedStock: 5,
  soldStock: 5,
  version,
  status,
});

describe('newest', () => {
  it('has the stock of the higher version', () => {
    expect(newest(drop, snapshot(8))).toMatchObject({ name: drop.name, availableStock: 0, version: 8 });
    expect(newest(drop, snapshot(6))).toBe(drop);
    expect(newest(drop, snapshot(7))).toBe(drop);
    expect(newest(drop, undefined)).toBe(drop);
  });

  it('lets a drop start and end within a version, but not the reverse', () => {
    expect(newest({ ...drop, status: 'scheduled' }, snapshot(7, 'live')).status).toBe('live');
    expect(newest({ ...drop, status: 'live' }, snapshot(7, 'scheduled')).status).toBe('live');
    expect(newest({ ...drop, status: 'live' }, snapshot(7, 'ended')).status).toBe('ended');
    expect(newest({ ...drop, status: 'ended' }, snapshot(7, 'live')).status).toBe('ended');
  });
});
