import type { Profiler } from 'node:inspector';

/** What a request consists of, in the order of the report. */
export const PARTS = [
  'parsing',
  'headers',
  'token',
  'limit',
  'validation',
  'routing',
  'batch',
  'driver',
  'answer',
  'metrics',
  'garbage collection',
  'outside JavaScript',
  'other',
] as const;
export type Part = (typeof PARTS)[number];

interface Rule {
  readonly part: Part;
  /** A part of the file's URL. Left out: any file. */
  readonly file?: string;
  /** Left out: every function of the file. */
  readonly functions?: readonly string[];
}

/**
 * Which part a function belongs to: that of the first rule that it matches. A function without a rule, such as those of zod and
 * of Node's streams, belongs to the part of its nearest caller that has one. What has no such caller is `other`.
 */
const RULES: readonly Rule[] = [
  { part: 'garbage collection', functions: ['(garbage collector)'] },
  // libuv, the parser of HTTP in C++, and reads from sockets. Writes are called by JavaScript, and counted where they are.
  { part: 'outside JavaScript', functions: ['(program)'] },

  { part: 'metrics', file: '/lib/http/common-middleware.', functions: ['observe', 'record'] },
  { part: 'headers', file: '/lib/http/common-middleware.' },
  { part: 'headers', file: '/node_modules/cors/' },
  { part: 'headers', file: '/node_modules/vary/' },
  { part: 'headers', file: '/lib/http/request/request-id.' },
  {
    part: 'headers',
    file: 'node:_http_outgoing',
    functions: ['setHeader', '_storeHeader', 'processHeader', 'storeHeader'],
  },
  { part: 'headers', file: 'node:_http_server', functions: ['writeHead', '_implicitHeader'] },

  { part: 'token', file: '/lib/auth/' },
  { part: 'token', file: '/node_modules/jsonwebtoken/' },
  { part: 'token', file: '/node_modules/jws/' },
  { part: 'token', file: '/node_modules/jwa/' },

  { part: 'limit', file: '/lib/http/rate-limits/' },
  { part: 'limit', file: '/node_modules/express-rate-limit/' },
  { part: 'limit', file: '/lib/http/pipelining.' },
  { part: 'limit', file: '/lib/http/read-limit.' },
  { part: 'limit', file: '/lib/http/server/connections.' },

  { part: 'validation', file: '/lib/validation/' },

  { part: 'answer', file: '/lib/http/send.' },
  { part: 'answer', file: '/lib/http/problem-response.' },
  { part: 'answer', file: '/lib/errors/' },
  { part: 'answer', file: '/lib/http/define-route.', functions: ['createResponse'] },
  { part: 'answer', file: 'node:_http_outgoing' },
  {
    part: 'answer',
    file: 'node:_http_server',
    functions: ['resOnFinish', 'ServerResponse', 'assignSocket', 'detachSocket'],
  },

  { part: 'metrics', file: '/node_modules/prom-client/' },
  { part: 'metrics', file: '/lib/metrics.' },
  { part: 'metrics', file: '/lib/outcome-counter.' },
  { part: 'metrics', file: '/lib/logger.' },
  { part: 'metrics', file: '/node_modules/pino/' },

  { part: 'parsing', file: '/lib/http/request/' },
  { part: 'parsing', file: '/lib/http/server/' },
  { part: 'parsing', file: 'node:_http_common' },
  { part: 'parsing', file: 'node:_http_incoming' },
  { part: 'parsing', file: 'node:_http_server' },

  { part: 'routing', file: '/lib/http/' },
  { part: 'routing', file: '/node_modules/express/' },
  { part: 'routing', file: '/node_modules/router/' },

  { part: 'driver', file: '/node_modules/@prisma/' },
  { part: 'driver', file: '/generated/prisma/' },
  { part: 'driver', file: '/node_modules/pg' },
  { part: 'driver', file: '/lib/db/' },

  { part: 'batch', file: '/inventory/' },
  { part: 'batch', file: '/modules/' },
  { part: 'batch', file: '/lib/' },
  { part: 'batch', file: '/realtime/' },
];

/** Functions of V8 that serve no request: those in which the event loop waits, and the profiler starts and stops. */
const NO_WORK = ['(idle)', 'dispatch'];

/** Where the time of a profile went, in microseconds. */
export interface ProfileSummary {
  readonly byPart: Readonly<Record<Part, number>>;
  /** The functions of the part `other`, those that took the most time first. */
  readonly others: readonly { readonly name: string; readonly time: number }[];
}

/** Adds up the time that each function of a profile spent in itself. Every sample of work is in exactly one sum. */
export function summarizeProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ProfileSummary {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byPart = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  const others = new Map<string, number>();

  function partOf(id: number | undefined): Part {
    for (let at = id; at !== undefined; at = callers.get(at)) {
      const part = ownPart(byId.get(at)?.callFrame);
      if (part) return part;
    }
    return 'other';
  }

  const partById = new Map(nodes.map(({ id }) => [id, partOf(id)]));
  samples.forEach((id, index) => {
    const time = timeDeltas[index] ?? 0;
    const frame = byId.get(id)?.callFrame;
    const part = partById.get(id) ?? 'other';
    if (frame?.url === '' && NO_WORK.includes(frame.functionName)) return;
    byPart[part] += time;
    if (part !== 'other') return;
    const name = `${frame?.functionName || '(anonymous)'} ${frame?.url ?? ''}`.trim();
    others.set(name, (others.get(name) ?? 0) + time);
  });
  const sorted = [...others].sort(([, a], [, b]) => b - a).map(([name, time]) => ({ name, time }));
  return { byPart, others: sorted };
}

/** The part of a function by its own name and file. */
function ownPart(frame: Profiler.Profile['nodes'][number]['callFrame'] | undefined): Part | undefined {
  if (!frame) return undefined;
  const { functionName, url } = frame;
  const matches = ({ file, functions }: Rule) =>
    (file === undefined || url.includes(file)) && (functions === undefined || functions.includes(functionName));
  return RULES.find(matches)?.part;
}
