import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { PROBLEMS } from '../../../src/modules/problems.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';

type Node = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Node;
}
interface Operation extends Node {
  readonly operationId: string;
  readonly tags: string[];
  readonly summary: string;
  readonly security: Node[];
  readonly parameters?: Parameter[];
  readonly requestBody?: { content: Record<string, { schema: Node }> };
  readonly responses: Record<string, { description: string; content: Record<string, { schema: Node }> }>;
}
interface Document extends Node {
  readonly openapi: string;
  readonly info: { title: string; version: string; description: string };
  readonly servers: { url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Node>; securitySchemes: Record<string, Node> };
}

let app: TestApp;
let document: Document;
let operations: (Operation & { name: string; method: string; path: string })[];

beforeAll(async () => {
  app = await startTestApp({ env: { PUBLIC_URL: 'https://drops.example' } });
  document = (await app.http.get('/openapi.json')).body as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return { ...operation, name, method, path };
    }),
  );
});
afterAll(() => app.close());

/** Calls `visit` with every object in the document and its path. */
function walk(node: unknown, visit: (node: Node, where: string) => void, where = '#'): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) visit(node as Node, where);
  for (const [key, child] of Object.entries(node)) walk(child, visit, `${where}/${key}`);
}

function resolve(reference: string): Node | undefined {
  return reference
    .split('/')
    .slice(1)
    .reduce<Node | undefined>((node, key) => node?.[key] as Node | undefined, document);
}

describe('the document', () => {
  it('is OpenAPI 3.1, in the version of package.json', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(document.info.version).toBe(version);
    expect(document.servers.map(({ url }) => url)).toEqual(['/', 'https://drops.example']);
  });

  it('has no broken references and no unused schemas', () => {
    const references = new Set<string>();
    walk(document, ({ $ref }) => {
      if (typeof $ref === 'string') references.add($ref);
    });
    expect([...references].filter((reference) => resolve(reference) === undefined)).toEqual([]);
    const schemas = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(schemas.filter((name) => !references.has(name))).toEqual([]);
  });

  it('describes every property of every schema', () => {
    const bare: string[] = [];
    walk(document, ({ properties }, where) => {
      for (const [name, property] of Object.entries((properties ?? {}) as Record<string, Node>)) {
        const described = typeof property.$ref === 'string' ? resolve(property.$ref) : property;
        if (!described?.description) bare.push(`${where}/${name}`);
      }
    });
    expect(bare).toEqual([]);
  });

  it('requires only properties that exist, and gives every schema a type', () => {
    const wrong: string[] = [];
    walk(document, (node, where) => {
      const { required, properties, type, $ref, anyOf } = node;
      if (typeof properties !== 'object' || properties === null) return;
      if (Array.isArray(required)) wrong.push(...required.filter((name) => !Object.hasOwn(properties, name as string)));
      for (const [name, child] of Object.entries(properties as Record<string, Node>)) {
        if (!(child.type ?? child.$ref ?? child.anyOf)) wrong.push(`${where}/${name}`);
      }
      if (!(type ?? $ref ?? anyOf)) wrong.push(where);
    });
    expect(wrong).toEqual([]);
  });

  it('lists every code of a problem', () => {
    const { code } = document.components.schemas.Problem?.properties as { code: Node };
    expect(code.enum).toEqual(Object.keys(PROBLEMS));
  });
});

describe('every operation', () => {
  it('has a unique id, a summary and a tag', () => {
    expect(operations.length).toBeGreaterThan(10);
    for (const { name, operationId, summary, tags } of operations) {
      expect({ name, operationId, summary, tags }).toMatchObject({
        operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
        summary: expect.stringMatching(/^[A-Z].{5,60}$/),
        tags: [expect.stringMatching(/^[A-Z][a-z]+$/)],
      });
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('lists its parameters, including all of its path', () => {
    for (const { name, path, parameters = [] } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      expect([name, inPath]).toEqual([name, [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key)]);
      for (const parameter of parameters) {
        expect({ operation: name, ...parameter }).toMatchObject({
          description: expect.stringMatching(/\w/),
          schema: {},
        });
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
      }
    }
  });

  it('lists its success and its problems', () => {
    for (const { name, path, responses } of operations) {
      const statuses = Object.keys(responses);
      expect([name, statuses.filter((status) => /^20[01]$/.test(status)).length]).toEqual([name, 1]);
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
        const [type] = Object.keys(content);
        expect([name, status, type]).toEqual([
          name,
          status,
          Number(status) < 300 ? 'application/json' : 'application/problem+json',
        ]);
      }
      if (path.startsWith('/api/') && path !== '/api/health') expect(statuses).toEqual(expect.arrayContaining(['503']));
    }
  });

  it('requires a token where the route does, and only there', async () => {
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    for (const { name, method, path, security, responses } of operations) {
      const response = await fetch(app.url + path.replace('{id}', 'x'), { method: method.toUpperCase() });
      await response.arrayBuffer();
      const needed = response.status === 401;
      expect([name, security]).toEqual([name, needed ? [{ bearer: [] }] : []]);
      if (needed) expect(Object.keys(responses)).toContain('401');
    }
  });

  it('shows the envelope of its response, or is bare', () => {
    for (const { name, path, responses } of operations) {
      const success = responses['200'] ?? responses['201'];
      const schema = success?.content['application/json']?.schema ?? {};
      const bare = ['/api/health', '/livez', '/readyz'].includes(path);
      const members = Object.keys(schema.properties ?? {});
      expect([name, members.slice(0, 3)]).toEqual([name, bare ? [] : ['status', 'message', 'data']]);
    }
  });
});

describe('the routes of Express', () => {
  /** Pages and files, which are not part of the API. */
  const PAGES = ['GET /docs', 'GET /docs/start.js', 'GET /errors', 'GET /openapi.json'];

  /** Every route of the app, without the mounts for all methods, which return 405. */
  function routesOf(express: Express): string[] {
    const layers = express.router.stack.map(({ route }) => route).filter((route) => route !== undefined);
    return layers.flatMap(({ path, stack }) => {
      const methods = [...new Set(stack.map(({ method }) => method.toUpperCase()))];
      return methods.length > 5 ? [] : methods.map((method) => `${method} ${path}`);
    });
  }

  it('are those of the document, and the pages', () => {
    const routes = routesOf(createApp(app.context).express);
    const documented = operations.map(({ name }) => name.replace(/\{(\w+)\}/g, ':$1'));
    expect(documented.length).toBeGreaterThan(10);
    expect(routes.sort()).toEqual([...documented, ...PAGES].sort());
  });

  it('include a route that the document lacks, so the comparison would find it', () => {
    const { express } = createApp(app.context);
    express.put('/api/secret', () => undefined);
    expect(routesOf(express)).toContain('PUT /api/secret');
  });
});
