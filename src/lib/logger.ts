import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/index.js';

export type { Logger } from 'pino';

/** Members that are never logged, at any of the depths below. */
const SECRETS = ['password', 'passwordHash', 'token', 'authorization', 'cookie', 'secret'];
const REDACTED = '[Redacted]';
/**
 * What no line may contain, wherever it stands: in the message of an error, a client's request id or a path. The first pattern
 * is PostgreSQL's DETAIL, which quotes rows, and the CONTEXT, which may quote parameters, in errors of Prisma and pg. The lengths
 * are bounded, so that a long line costs no more than its length.
 */
const REDACTIONS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/"(detail|where)":"(?:[^"\\]|\\.)*"/g, `"$1":"${REDACTED}"`],
  // A JSON Web Token.
  [/\beyJ[\w-]{1,1000}\.[\w-]{1,1000}\.[\w-]*/g, REDACTED],
  // A bcrypt hash.
  [/\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/g, REDACTED],
  // The user name and password of a URL.
  [/(?<=:\/\/)[^\s/@"]{1,500}(?=@)/g, REDACTED],
  // An e-mail address, as it is or percent-encoded.
  [/[\w.!#$%&'*+=?^`{|}~-]{1,64}(?:@|%40)[a-z0-9.-]{1,253}\.[a-z]{2,}/gi, REDACTED],
];
/** Matches every line to which a redaction applies. Most lines do not match, and cost nothing more. */
const MAY_HOLD_SECRET = /@|%40|eyJ|\$2|"(?:detail|where)":/;

interface LoggerOptions {
  /** Default: stdout. */
  readonly destination?: DestinationStream | undefined;
}

/** The structured log of the process, on stdout. ERROR means that an operator has to act. */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  { destination = pino.destination(1) }: LoggerOptions = {},
): Logger {
  return pino(
    {
      level: logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.headers.${name}`]),
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}

/** Writes readable lines to the terminal, instead of JSON. Loaded only where it is used: most processes write JSON. */
export async function prettyDestination(): Promise<DestinationStream> {
  const { PinoPretty: pinoPretty } = await import('pino-pretty');
  return pinoPretty({ translateTime: 'SYS:HH:MM:ss.l', sync: true });
}

function redactLine(line: string): string {
  if (!MAY_HOLD_SECRET.test(line)) return line;
  return REDACTIONS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
