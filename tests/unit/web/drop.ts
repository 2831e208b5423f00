import type { Drop } from '../../../web/src/api/client.js';

/** A drop of the API. */
export const drop: Drop = {
  id: 'd',
  name: 'Aurora Runner',
  price: '175.00',
  totalStock: 10,
  availableStock: 4,
  reservedStock: 3,
  soldStock: 3,
  version: 7,
  status: 'live',
  limitPerUser: null,
  imageUrl: null,
  dropStartsAt: '2030-01-01T00:00:00.000Z',
  dropEndsAt: null,
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  topPurchasers: [],
};
