import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { describeAccessPolicy } from '../../src/lib/auth/access-policy.js';
import { SOCKET_REQUEST_ERRORS, ErrorAcknowledgement, clientEvents, serverEvents } from '../../src/realtime/events.js';

const DOCUMENT = join(import.meta.dirname, '../../docs/realtime.md');
const TABLES_START = /<!-- The tables from here on .* -->\n/;

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** Returns the members of an object as rows of a table. */
function members(schema: z.ZodType, io: 'input' | 'output'): string {
  const root = z.toJSONSchema(schema, { io, reused: 'inline' }) as JsonSchema;
  const definitions = root.$defs ?? {};
  const resolve = (part: JsonSchema): JsonSchema =>
    part.$ref === undefined ? part : { ...definitions[part.$ref.replace('#/$defs/', '')], ...part };
  const rows = (part: JsonSchema, path: string): string[] =>
    Object.entries(resolve(part).properties ?? {}).flatMap(([name, given]) => {
      const member = resolve(given);
      const optional = resolve(part).required?.includes(name) === false || !resolve(part).required;
      const inner = resolve(member.items ?? member.anyOf?.find((part) => resolve(part).properties) ?? member);
      return [
        `| \`${path}${name}\` | ${typeName(member, resolve)}${optional ? ', optional' : ''} | ${member.description ?? ''} |`,
        ...rows(inner, `${path}${name}${member.items ? '[]' : ''}.`),
      ];
    });
  const body = rows(root.anyOf?.find((part) => resolve(part).properties) ?? root, '');
  return body.length === 0 ? 'An empty object.' : ['| Member | Type | Meaning |', '| - | - | - |', ...body].join('\n');
}

function typeName(member: JsonSchema, resolve: (part: JsonSchema) => JsonSchema): string {
  if (member.enum) return member.enum.map((value) => `\`${value}\``).join(', ');
  if (member.anyOf) return member.anyOf.map((part) => typeName(resolve(part), resolve)).join(' or ');
  if (member.items) return `list of ${typeName(resolve(member.items), resolve)}`;
  if (member.format === 'date-time') return 'time';
  if (member.format === 'uuid' || member.format === 'uri') return member.format === 'uuid' ? 'UUID' : 'URL';
  return String(member.type);
}

function tables(): string {
  const events = Object.entries(serverEvents).map(
    ([name, payload]) => `### \`${name}\`\n\n${payload.description}\n\n${members(payload, 'output')}`,
  );
  const requests = Object.entries(clientEvents).map(
    ([name, { description, payload, acknowledgement, ...policy }]) =>
      `### \`${name}\`\n\n${description} ${describeAccessPolicy(policy)}\n\nPayload:\n\n${members(payload, 'input')}\n\n` +
      `Acknowledgement:\n\n${members(acknowledgement, 'output')}`,
  );
  const errors = Object.entries(SOCKET_REQUEST_ERRORS).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return `
## Events of the server

${events.join('\n\n')}

## Requests of the client

All are optional. Every request may be acknowledged. The requests of one socket are processed in order.

${requests.join('\n\n')}

### Refused requests

A refused request has no effect and is acknowledged like this. The socket stays connected.

${members(ErrorAcknowledgement, 'output')}

| Code | Meaning |
| - | - |
${errors.join('\n')}
`;
}

it('the document describes every event and every request as the schemas do', async () => {
  const text = await readFile(DOCUMENT, 'utf8');
  const tablesStart = TABLES_START.exec(text);
  expect(tablesStart, 'where the tables begin').not.toBeNull();
  const prose = text.slice(0, (tablesStart?.index ?? 0) + (tablesStart?.[0].length ?? 0));
  const options = { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT };
  await expect(await format(prose + tables(), options)).toMatchFileSnapshot(DOCUMENT);
});
