import type { FuzzRequest } from './cases.js';
import { ensureResourceAvailability, useAfterFree, type FuzzResponse } from './checks.js';
import type { FuzzClient } from './client.js';
import type { Operation } from './openapi.js';

interface Exchange {
  readonly request: FuzzRequest;
  /** As it was sent. */
  readonly target: string;
  readonly response: FuzzResponse;
}

/** Reads what a request created or deleted, if an operation of the document does, and returns the complaints. */
export async function complaintsAboutLifetime(
  client: Pick<FuzzClient, 'read'>,
  operations: readonly Operation[],
  { request, target, response }: Exchange,
): Promise<string[]> {
  const { operation, method } = request;
  const isNew = method === 'POST' && response.status === 201 && response.headers['idempotency-replayed'] === undefined;
  const isDeleted = method === 'DELETE' && response.status === 200 && operation.path.endsWith('/{id}');
  if (method !== operation.method || !(isNew || isDeleted)) return [];
  const collection = operation.path.replace(/\/\{id\}$/, '');
  const id = isNew ? idIn(response.text) : target.split('/').at(-1);
  const isRead = (path: string) => operations.some((each) => each.method === 'GET' && each.path === path);
  const path = isRead(`${collection}/{id}`) ? `${collection}/${id}` : isRead(collection) ? collection : null;
  if (id === undefined || path === null) return [];
  const check = isNew ? ensureResourceAvailability : useAfterFree;
  const complaint = check(id, await client.read(path));
  return complaint === null ? [] : [`${isNew ? 'ensure_resource_availability' : 'use_after_free'}: ${complaint}`];
}

/** The id of the resource in the envelope, or in the one member of it that is a resource. */
function idIn(text: string): string | undefined {
  const { data } = JSON.parse(text) as { data: object };
  const resources = [data, ...Object.values(data)] as ({ id?: unknown } | null)[];
  const id = resources.find((resource) => typeof resource?.id === 'string')?.id;
  return id as string | undefined;
}
