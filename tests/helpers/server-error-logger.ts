import { pino, type Logger } from 'pino';
import { PROBLEMS, type ProblemCode } from '../../src/modules/problems.js';

interface Line {
  readonly code?: ProblemCode;
  readonly cause?: unknown;
  readonly err?: { readonly stack?: string };
  readonly [member: string]: unknown;
}

/** A logger that prints the lines of 5xx responses to stderr and drops all others. @param isSilent prints nothing. */
export function serverErrorLogger(isSilent = false): Logger {
  if (isSilent) return pino({ level: 'silent' });
  return pino(
    { level: 'warn', base: undefined, timestamp: false },
    {
      write(text) {
        const { err, ...line } = JSON.parse(text) as Line;
        const isServerError = line.code !== undefined && PROBLEMS[line.code].status >= 500;
        // Failures of the database are logged together, with the first request as the example.
        const affectsRequests = typeof line.affected === 'object' && 'request' in (line.affected ?? {});
        if (isServerError || affectsRequests)
          process.stderr.write(`5xx response: ${JSON.stringify(line)}\n${err?.stack ?? ''}\n`);
      },
    },
  );
}
