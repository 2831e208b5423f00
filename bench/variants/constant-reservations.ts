export const CONSTANT_RESERVATION = {
  reservation: {
    id: '5f0c5b0e-8d1f-4b7e-9d3c-2a4f6e8b0c1d',
    userId: '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
    dropId: '7e6d5c4b-3a29-4f18-8e07-d6c5b4a39281',
    status: 'active' as const,
    expiresAt: '2030-01-01T00:01:00.000Z',
    createdAt: '2030-01-01T00:00:00.000Z',
    updatedAt: '2030-01-01T00:00:00.000Z',
  },
  availableStock: 123_456,
  serverTime: '2030-01-01T00:00:00.000Z',
  replayed: false,
};

/** Replaces the module's service: returns the same reservation for every request. */
export function createReservationsService() {
  return { reserve: () => Promise.resolve(CONSTANT_RESERVATION) };
}
