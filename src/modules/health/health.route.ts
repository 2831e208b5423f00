import { defineRoute } from '../../lib/http/define-route.js';
import { createHealthController } from './health.controller.js';
import { HealthResponse } from './health.schema.js';
import type { HealthService } from './health.service.js';

export function healthRoutes(service: HealthService) {
  const health = createHealthController(service);
  const tag = 'Health';
  const success = { status: 200, description: 'Yes.', data: HealthResponse, bare: true } as const;

  return [
    defineRoute({
      method: 'get',
      path: '/api/health',
      operationId: 'health',
      tag,
      summary: 'Does the API answer?',
      access: 'public',
      success,
      handler: health.alive,
    }),
    defineRoute({
      method: 'get',
      path: '/livez',
      operationId: 'livez',
      tag,
      summary: 'Is the process alive?',
      description: 'Stays green while the database is away: a restart would not bring it back.',
      access: 'public',
      success,
      handler: health.alive,
    }),
    defineRoute({
      method: 'get',
      path: '/readyz',
      operationId: 'readyz',
      tag,
      summary: 'Can requests be served?',
      description: 'Red while the database is away and from the moment a shutdown begins.',
      access: 'public',
      success,
      problems: ['unavailable'],
      handler: health.ready,
    }),
  ];
}
