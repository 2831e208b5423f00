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
  // A JSON Web Token, also without its header, which is the same for all tokens.
  [/eyJ[\w-]{1,1000}\.[\w-]{1,1000}(?:\.[\w-]*)?/g, REDACTED],
  // The signature of one, which is at least 43 characters long, and what precedes it.
  [/[\w-]{1,1000}\.[\w-]{43,1000}/g, REDACTED],
  // A bcrypt hash.
  [/\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/g, REDACTED],
  // The user name and password of a URL.
  [/(?<=:\/\/)[^\s/@"]{1,500}(?=@)/g, REDACTED],
  // An e-mail address, in any alphabet.
  [
    /[^\s"'<>()@,:;\\/]{1,64}@[^\s"'<>()@,:;\\/]{1,253}(?:\.|%(?:25)*2e)(?:\p{L}{2}|%[\da-f]{2})[\p{L}\d%-]{0,250}/giu,
    REDACTED,
  ],
  // An encoded @, also one that was encoded repeatedly, and what is beside it.
  [/[^\s"'<>()@,:;\\/]{0,64}%(?:25)*40[^\s"'<>()@,:;\\/]{0,253}/gi, REDACTED],
];
/** Matches every line to which a redaction applies. Most lines do not match, and cost nothing more. */
const MAY_HOLD_SECRET = /@|%(?:25)*40|eyJ|\$2|\.[\w-]{43}|"(?:detail|where)":/;

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
