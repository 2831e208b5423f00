import { defineRoute } from '../../lib/http/define-route.js';
import { problems } from '../problems.js';
import { createHealthController } from './health.controller.js';
import { HealthResponse } from './health.schema.js';
import type { HealthService } from './health.service.js';

export function healthRoutes(service: HealthService) {
  const health = createHealthController(service);
  const tag = 'Health';
  const success = { status: 200, description: 'Ready.', data: HealthResponse, bare: true } as const;

  return [
    defineRoute({
      method: 'get',
      path: '/api/health',
      operationId: 'health',
      tag,
      summary: 'Check that the API answers',
      description: 'The same check as `/livez`.',
      access: 'public',
      owner: 'none',
      success,
      handler: health.alive,
    }),
    defineRoute({
      method: 'get',
      path: '/livez',
      operationId: 'livez',
      tag,
      summary: 'Check that the process is alive',
      description: 'Succeeds while the database is unavailable: a restart of the process would not help.',
      access: 'public',
      owner: 'none',
      success,
      handler: health.alive,
    }),
    defineRoute({
      method: 'get',
      path: '/readyz',
      operationId: 'readyz',
      tag,
      summary: 'Check that requests can be served',
      description: 'Fails while the database is unavailable and from the start of a shutdown.',
      access: 'public',
      owner: 'none',
      success,
      problems: problems('unavailable', 'overloaded'),
      handler: health.ready,
    }),
  ];
}
