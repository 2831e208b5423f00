import { createLogger, type Logger } from '../../src/lib/logger.js';
import { PROBLEMS, type ProblemCode } from '../../src/modules/problems.js';

interface Line {
  readonly level: number;
  readonly code?: ProblemCode;
  readonly cause?: unknown;
  readonly err?: { readonly stack?: string };
  readonly [member: string]: unknown;
}

/** The beginning of a line at the level debug or info: `{"level":20`. */
const IS_BELOW_WARN = /^\{"level":[1-3]0/;

/**
 * The logger of the service at the level debug, so that all its lines are searched for secrets. It prints the lines of 5xx
 * responses to stderr and drops all others.
 *
 * @param isSilent prints nothing.
 */
export function serverErrorLogger(isSilent = false): Logger {
  return createLogger(
    { logLevel: 'debug' },
    {
      destination: {
        write(text) {
          if (isSilent || IS_BELOW_WARN.test(text)) return;
          const { err, time: _time, ...line } = JSON.parse(text) as Line;
          const isServerError = line.code !== undefined && PROBLEMS[line.code].status >= 500;
          // Failures of the database are logged together, with the first request as the example.
          const affectsRequests = typeof line.affected === 'object' && 'request' in (line.affected ?? {});
          if (isServerError || affectsRequests)
            process.stderr.write(`5xx response: ${JSON.stringify(line)}\n${err?.stack ?? ''}\n`);
        },
      },
    },
  );
}
