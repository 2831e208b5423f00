import { pino, type DestinationStream, type Logger } from 'pino';
import { DEMO_ACCOUNTS } from '../../../src/seed/demo-data.js';
import { searchText } from './secrets.js';

const searched = new WeakSet<DestinationStream>();

/** Searches the lines of a logger as its destination receives them. Returns the logger. */
export function searchLogs(logger: Logger): Logger {
  const { [pino.symbols.streamSym]: stream } = logger as Logger & Record<symbol, DestinationStream>;
  if (!stream || searched.has(stream)) return logger;
  searched.add(stream);
  const write = stream.write.bind(stream);
  stream.write = (line) => {
    searchText(line, 'a log line');
    write(line);
  };
  return logger;
}

const isDemoAccount = (address: string) => DEMO_ACCOUNTS.some(({ email }) => email === address);

/**
 * Returns a function that searches the output of another process, chunk by chunk. The banner of development names the demo
 * accounts.
 *
 * @param mayNameAccounts for a command that prints accounts to the operator.
 */
export function searchOutput(program: string, mayNameAccounts: boolean): (chunk: string) => void {
  let incomplete = '';
  return (chunk) => {
    const lines = (incomplete + chunk).split('\n');
    incomplete = lines.pop() ?? '';
    for (const line of lines) {
      const email = (address: string) => mayNameAccounts || isDemoAccount(address);
      searchText(line, `the output of ${program}`, () => ({ token: false, email }));
    }
  };
}
