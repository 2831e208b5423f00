import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty as pinoPretty } from 'pino-pretty';
import type { Config } from './config/index.js';

export type { Logger } from 'pino';

/** Members that never reach the log, wherever they turn up. */
const SECRETS = ['password', 'passwordHash', 'token', 'authorization', 'cookie', 'secret'];
/** Where PostgreSQL's DETAIL stands in what Prisma, its adapter and pg throw: it quotes the whole row, hashes and all. */
const ROWS = ['err.meta.driverAdapterError.cause.detail', 'err.cause.detail', 'err.detail'];

interface LoggerOptions {
  /** Readable lines for a person at a terminal, instead of JSON. */
  readonly pretty?: boolean;
  readonly destination?: DestinationStream;
}

/** The structured log of the process, on stdout. ERROR means that somebody must act. */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  { pretty, destination }: LoggerOptions = {},
): Logger {
  return pino(
    {
      level: logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [...SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.headers.${name}`]), ...ROWS],
    },
    destination ?? (pretty ? pinoPretty({ translateTime: 'SYS:HH:MM:ss.l', sync: true }) : pino.destination(1)),
  );
}
