import { z } from 'zod';
import { defineRoute } from '../../lib/http/define-route.js';
import { PageMeta } from '../../lib/validation/schema-primitives.js';
import { IdempotencyHeaders } from '../../lib/http/idempotency.js';
import type { HttpResponse } from '../../lib/http/send.js';
import { PROBLEMS, problems } from '../problems.js';
import type { TtlCache } from '../../lib/ttl-cache.js';
import { createDropsController } from './drops.controller.js';
import { CreateDropBody, DropParams, DropResponse, ListAllDropsQuery, ListDropsQuery } from './drops.schema.js';
import type { DropsService } from './drops.service.js';
import { MovementResponse, MovementsMeta, MovementsQuery } from './movements.schema.js';

/** Serialized responses. See docs/adr/0008. */
export interface DropCaches {
  /** Pages of the list; invalidated by every change. */
  readonly dropLists: TtlCache<HttpResponse>;
  /** Movements of drops; valid for their time. */
  readonly movementLists: TtlCache<HttpResponse>;
}

export function dropRoutes(service: DropsService, { dropLists, movementLists }: DropCaches) {
  const drops = createDropsController(service);
  const tag = 'Drops';
  const draft = { resource: 'draft', refusal: PROBLEMS['drop-not-found'] };

  return [
    defineRoute({
      method: 'get',
      path: '/api/drops',
      operationId: 'listDrops',
      tag,
      summary: 'List drops, newest first or as a shop shows them',
      description:
        'At most a quarter of a second old, and never older than a change that this server has confirmed. Send the `ETag` ' +
        'as `If-None-Match`: the response for an unchanged page is 304, without a body.',
      access: 'public',
      owner: 'none',
      cache: dropLists,
      query: ListDropsQuery,
      hasOwnLimit: ({ q }) => q !== undefined,
      success: { status: 200, description: 'A page of drops.', data: z.array(DropResponse), meta: PageMeta },
      handler: drops.list,
    }),
    defineRoute({
      method: 'get',
      path: '/api/admin/drops',
      operationId: 'listAllDrops',
      tag,
      summary: 'List all drops, drafts as well',
      description: 'As an organiser sees them, in a chosen order.',
      access: 'admin',
      owner: 'none',
      query: ListAllDropsQuery,
      hasOwnLimit: ({ q }) => q !== undefined,
      success: { status: 200, description: 'A page of drops.', data: z.array(DropResponse), meta: PageMeta },
      handler: drops.listAll,
    }),
    defineRoute({
      method: 'get',
      path: '/api/drops/:id',
      operationId: 'getDrop',
      tag,
      summary: 'Show one drop',
      description: 'With its stock, its status now and its three latest purchasers.',
      access: 'public',
      owner: 'none',
      hidden: draft,
      params: DropParams,
      // One query at a time reads the drops of all requests.
      hasOwnLimit: () => true,
      success: { status: 200, description: 'The drop.', data: DropResponse },
      handler: drops.get(),
      adminHandler: drops.get({ withDrafts: true }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/drops/:id/movements',
      operationId: 'listMovements',
      tag,
      summary: 'Show the stock of a drop over time',
      description:
        'From the ledger, oldest first, always with the newest. If there are more than `limit`, that many are returned, evenly ' +
        'distributed. Each carries the counts after it, so there is nothing to sum up. At most a second old.',
      access: 'public',
      owner: 'none',
      hidden: draft,
      cache: movementLists,
      params: DropParams,
      query: MovementsQuery,
      success: {
        status: 200,
        description: 'Movements of the drop.',
        data: z.array(MovementResponse),
        meta: MovementsMeta,
      },
      handler: drops.movements(),
      adminHandler: drops.movements({ withDrafts: true }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/drops',
      operationId: 'createDrop',
      tag,
      summary: 'Create a drop',
      description:
        'Published to every socket as `new_drop`, unless it is a draft. Send an Idempotency-Key to repeat safely.',
      access: 'admin',
      owner: 'none',
      headers: IdempotencyHeaders,
      body: CreateDropBody,
      problems: problems('idempotency-key-reused', 'outcome-unknown'),
      success: { status: 201, description: 'The drop, with all of its stock available.', data: DropResponse },
      handler: drops.create,
    }),
  ];
}
