import { z } from 'zod';
import { defineRoute } from '../../lib/http/define-route.js';
import type { Config } from '../../lib/config/index.js';
import { IdempotencyHeaders } from '../../lib/http/idempotency.js';
import { STOCK_PROBLEMS } from '../../inventory/inventory-errors.js';
import { problems } from '../problems.js';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import { createReservationsController } from './reservations.controller.js';
import {
  CreateReservationBody,
  HoldResponse,
  ReleaseByAdminBody,
  ReservationParams,
  ReservationResponse,
} from './reservations.schema.js';
import type { ReservationsService } from './reservations.service.js';

export function reservationRoutes(
  service: ReservationsService,
  metrics: InventoryMetrics,
  { http }: Pick<Config, 'http'>,
) {
  /** Shared by reserving and releasing. */
  const rateLimit = { name: 'reserve', per: 'user', ...http.rateLimits.reserve } as const;
  const reservations = createReservationsController(service, metrics);
  const tag = 'Reservations';

  return [
    defineRoute({
      method: 'post',
      path: '/api/reservations',
      operationId: 'createReservation',
      tag,
      summary: 'Reserve one unit of a drop',
      description:
        'The unit leaves the available stock at once and is held for the `holdSeconds` of the drop. ' +
        'Send an Idempotency-Key to repeat safely.',
      access: 'token',
      owner: 'caller',
      rateLimit,
      headers: IdempotencyHeaders,
      body: CreateReservationBody,
      success: { status: 201, description: 'The reservation and the stock.', data: HoldResponse },
      problems: problems(
        'idempotency-key-reused',
        'drop-not-found',
        'drop-ended',
        'drop-paused',
        'drop-not-started',
        'already-reserved',
        'limit-reached',
        'cool-down',
        'sold-out',
        'outcome-unknown',
      ),
      handler: reservations.create,
    }),
    defineRoute({
      method: 'get',
      path: '/api/reservations',
      operationId: 'listReservations',
      tag,
      summary: 'List my active reservations, newest first',
      description: 'Those that can still be purchased. A reservation whose time is over is not in the list.',
      access: 'user',
      owner: 'caller',
      success: { status: 200, description: 'The active reservations.', data: z.array(ReservationResponse) },
      handler: reservations.list,
    }),
    defineRoute({
      method: 'delete',
      path: '/api/reservations/:id',
      operationId: 'releaseReservation',
      tag,
      summary: 'Release a reservation',
      description: 'The unit is available again at once. May be repeated.',
      access: 'user',
      owner: {
        resource: 'reservation',
        id: 'params.id',
        admin: false,
        refusal: STOCK_PROBLEMS['not-your-reservation'],
      },
      rateLimit,
      params: ReservationParams,
      success: { status: 200, description: 'The reservation, released.', data: HoldResponse },
      problems: problems('reservation-not-found', 'reservation-expired', 'reservation-settled', 'outcome-unknown'),
      handler: reservations.release,
    }),
    defineRoute({
      method: 'delete',
      path: '/api/admin/reservations/:id',
      operationId: 'releaseReservationByAdmin',
      tag,
      summary: 'Release the reservation of any user',
      description:
        'The unit is available again at once. The owner receives a `reservation_update` with the reason `released-by-admin`; the reason ' +
        'in the request is for the ledger only. May be repeated: nothing happens then.',
      access: 'admin',
      owner: 'none',
      params: ReservationParams,
      body: ReleaseByAdminBody,
      success: { status: 200, description: 'The reservation, released.', data: HoldResponse },
      problems: problems('reservation-not-found', 'reservation-expired', 'reservation-settled', 'outcome-unknown'),
      handler: reservations.releaseByAdmin,
    }),
  ];
}
