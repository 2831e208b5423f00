import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty as pinoPretty } from 'pino-pretty';
import type { Config } from './config/index.js';

export type { Logger } from 'pino';

/** Members that are never logged, at any of the depths below. */
const SECRETS = ['password', 'passwordHash', 'token', 'authorization', 'cookie', 'secret'];
/** PostgreSQL's DETAIL in errors of Prisma, its adapter and pg: it quotes the whole row, including password hashes. */
const ROW_DETAILS = ['err.meta.driverAdapterError.cause.detail', 'err.cause.detail', 'err.detail'];

interface LoggerOptions {
  /** Readable lines for a terminal, instead of JSON. */
  readonly pretty?: boolean;
  readonly destination?: DestinationStream;
}

/** The structured log of the process, on stdout. ERROR means that an operator has to act. */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  { pretty, destination }: LoggerOptions = {},
): Logger {
  return pino(
    {
      level: logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [...SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.headers.${name}`]), ...ROW_DETAILS],
    },
    destination ?? (pretty ? pinoPretty({ translateTime: 'SYS:HH:MM:ss.l', sync: true }) : pino.destination(1)),
  );
}
