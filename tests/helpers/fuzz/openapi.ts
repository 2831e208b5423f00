import { z } from 'zod';

/** The part of JSON Schema that the document uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly maxItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly $ref?: string;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface Header {
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  /** In upper case. */
  readonly method: string;
  /** With its parameters: `/api/drops/{id}`. */
  readonly path: string;
  readonly needsToken: boolean;
  readonly isForAdmins: boolean;
  readonly parameters: readonly Parameter[];
  /** Of the JSON body, without references. */
  readonly body: JsonSchema | null;
  /** By status. */
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  /** The methods of the path, in upper case. */
  readonly methods: readonly string[];
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly 'x-access': { readonly access: string };
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
  readonly responses: Operation['responses'];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** Fetches the document of a running service, and resolves its references. */
export async function fetchOperations(url: string): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const { paths } = withoutReferences(document, document.components.schemas) as Pick<Document, 'paths'>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      operationId: operation.operationId,
      method: method.toUpperCase(),
      path,
      needsToken: operation.security.length > 0,
      isForAdmins: operation['x-access'].access === 'admin',
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content['application/json'].schema ?? null,
      responses: operation.responses,
      methods: Object.keys(methods).map((name) => name.toUpperCase()),
    })),
  );
}

/** Replaces references by what they refer to. The schemas of the service do not contain themselves. */
function withoutReferences(node: unknown, schemas: Document['components']['schemas']): unknown {
  if (Array.isArray(node)) return node.map((child) => withoutReferences(child, schemas));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) return withoutReferences(schemas[String(node.$ref).split('/').at(-1) ?? ''], schemas);
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, withoutReferences(child, schemas)]));
}

const validators = new WeakMap<JsonSchema, z.ZodType>();

/** Returns why a value does not match a schema; null if it does. */
export function mismatchOf(schema: JsonSchema, value: unknown): string | null {
  let validator = validators.get(schema);
  if (!validator) {
    validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    validators.set(schema, validator);
  }
  const { error } = validator.safeParse(value);
  return error ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') : null;
}
