import { z } from 'zod';
import { defineRoute } from '../../lib/http/define-route.js';
import { PageMeta } from '../../lib/validation/schema-primitives.js';
import { DropParams } from '../drops/drops.schema.js';
import { problems } from '../problems.js';
import { createCustomersController } from './customers.controller.js';
import {
  ListDropPurchasesQuery,
  ListDropReservationsQuery,
  PurchaseWithUserResponse,
  ReservationWithUserResponse,
} from './customers.schema.js';
import { isLongRead, type CustomersService } from './customers.service.js';

const ABOUT_LISTS =
  'Newest first. With `Accept: text/csv` all that match are sent in CSV while they are read, whatever the page is: if the connection ' +
  'closes before the end, it failed and may be repeated.';

export function customerRoutes(service: CustomersService) {
  const customers = createCustomersController(service);
  const common = {
    method: 'get',
    tag: 'Drops',
    access: 'admin',
    owner: 'none',
    params: DropParams,
    hasOwnLimit: isLongRead,
    problems: problems('drop-not-found'),
  } as const;

  return [
    defineRoute({
      ...common,
      path: '/api/admin/drops/:id/reservations',
      operationId: 'listDropReservations',
      summary: 'List the reservations of a drop with their users',
      description:
        `${ABOUT_LISTS} A reservation whose time is over is \`active\`, and its unit is reserved, until the server reclaims it: about a ` +
        'second later at most.',
      query: ListDropReservationsQuery,
      success: {
        status: 200,
        description: 'A page of reservations.',
        data: z.array(ReservationWithUserResponse),
        meta: PageMeta,
        csv: 'A line for each reservation, after a line with the names of the columns.',
      },
      handler: customers.reservations,
    }),
    defineRoute({
      ...common,
      path: '/api/admin/drops/:id/purchases',
      operationId: 'listDropPurchases',
      summary: 'List the purchases of a drop with their users',
      description: ABOUT_LISTS,
      query: ListDropPurchasesQuery,
      success: {
        status: 200,
        description: 'A page of purchases.',
        data: z.array(PurchaseWithUserResponse),
        meta: PageMeta,
        csv: 'A line for each purchase, after a line with the names of the columns.',
      },
      handler: customers.purchases,
    }),
  ];
}
