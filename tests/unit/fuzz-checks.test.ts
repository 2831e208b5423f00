import { describe, expect, it } from 'vitest';
import type { FuzzRequest } from '../helpers/fuzz/cases.js';
import { CHECKS, complaintsAbout, type FuzzResponse } from '../helpers/fuzz/checks.js';
import { complaintsAboutLifetime } from '../helpers/fuzz/lifetimes.js';
import type { Operation } from '../helpers/fuzz/openapi.js';

const headers = { 'X-Request-Id': { required: true, schema: { type: 'string' } } };
const Thing = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const;
const OPERATION: Operation = {
  ...{ operationId: 'createThing', method: 'POST', path: '/things', needsToken: true, isForAdmins: false },
  ...{ parameters: [], body: Thing, methods: ['POST'] },
  responses: {
    201: { headers, content: { 'application/json': { schema: Thing } } },
    401: { headers, content: { 'application/problem+json': { schema: { type: 'object' } } } },
    500: { headers, content: { 'application/problem+json': { schema: { type: 'object' } } } },
  },
};
const REQUEST: FuzzRequest = {
  ...{ operation: OPERATION, intent: 'valid', method: 'POST', target: '/things', headers: {}, body: '{}', as: 'user' },
};
const RESPONSE: FuzzResponse = {
  status: 201,
  headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': '1' },
  text: '{"id":"1"}',
};
const problem = { 'content-type': 'application/problem+json', 'x-request-id': '1' };

const namesOf = (request: Partial<FuzzRequest>, response: Partial<FuzzResponse>) =>
  complaintsAbout({ ...REQUEST, ...request }, { ...RESPONSE, ...response }).map((complaint) => complaint.split(':')[0]);

describe('the checks of a response', () => {
  it('accept a response that is as documented', () => {
    expect(namesOf({}, {})).toEqual([]);
    expect(namesOf({ intent: 'no token', as: 'none' }, { status: 401, headers: problem, text: '{}' })).toEqual([]);
  });

  const BAD: readonly (readonly [check: string, request: Partial<FuzzRequest>, response: Partial<FuzzResponse>])[] = [
    ['not_a_server_error', { intent: 'any' }, { status: 500, headers: problem }],
    ['status_code_conformance', {}, { status: 204 }],
    ['content_type_conformance', {}, { headers: { ...RESPONSE.headers, 'content-type': 'text/html' } }],
    ['response_headers_conformance', {}, { headers: { 'content-type': 'application/json' } }],
    ['response_schema_conformance', {}, { text: '{"id":1}' }],
    ['response_schema_conformance', {}, { text: '{' }],
    ['negative_data_rejection', { intent: 'invalid' }, {}],
    ['positive_data_acceptance', {}, { status: 400 }],
    ['missing_required_header', { intent: 'no token' }, { status: 403 }],
    ['missing_required_header', { intent: 'missing header' }, {}],
    ['unsupported_method', { intent: 'unsupported method', method: 'PUT' }, { status: 404, headers: problem }],
    [
      'unsupported_method',
      { intent: 'unsupported method' },
      { status: 405, headers: { ...problem, allow: 'GET, HEAD' } },
    ],
    ['ignored_auth', { intent: 'bad token' }, {}],
    ['unsupported_media_type', { intent: 'wrong content type' }, {}],
  ];

  it.each(BAD)('%s complains', (check, request, response) => {
    expect(namesOf(request, response)).toContain(check);
  });

  it('are all shown to complain', () => {
    expect([...new Set(BAD.map(([check]) => check))].sort()).toEqual(Object.keys(CHECKS).sort());
  });
});

describe('the checks of what was created or deleted', () => {
  const READ: Operation = { ...OPERATION, method: 'GET', path: '/things/{id}' };
  const REMOVE: Operation = { ...OPERATION, method: 'DELETE', path: '/things/{id}' };
  const names = async (method: 'POST' | 'DELETE', read: Partial<FuzzResponse>, operations = [READ]) => {
    const request = { ...REQUEST, method, operation: method === 'POST' ? OPERATION : REMOVE };
    const response = { ...RESPONSE, status: method === 'POST' ? 201 : 200, text: '{"data":{"thing":{"id":"t1"}}}' };
    const client = { read: () => Promise.resolve({ ...RESPONSE, status: 200, text: '', ...read }) };
    const complaints = await complaintsAboutLifetime(client, operations, { request, target: '/things/t1', response });
    return complaints.map((complaint) => complaint.split(':')[0]);
  };

  it('accept a resource that can be read after it was created, and not after it was deleted', async () => {
    expect(await names('POST', { text: '{"id":"t1"}' })).toEqual([]);
    expect(await names('DELETE', { status: 404 })).toEqual([]);
    expect(await names('DELETE', { text: '[]' }, [{ ...READ, path: '/things' }])).toEqual([]);
  });

  it('complain about the contrary', async () => {
    expect(await names('POST', { status: 404 })).toEqual(['ensure_resource_availability']);
    expect(await names('POST', { text: '[]' }, [{ ...READ, path: '/things' }])).toEqual([
      'ensure_resource_availability',
    ]);
    expect(await names('DELETE', { text: '{"id":"t1"}' })).toEqual(['use_after_free']);
  });
});
