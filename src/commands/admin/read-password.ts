import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError } from '../run-command.js';

/** Reads a password: on a terminal twice and without showing it, otherwise the first line of stdin. @throws {CommandError} */
export async function readPassword(signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) return readFirstLine();
  const password = await ask('Password: ', signal);
  if ((await ask('The same again: ', signal)) !== password) throw new CommandError('The two passwords differ.');
  return password;
}

async function readFirstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  const [line = ''] = text.split(/\r?\n/);
  if (line === '')
    throw new CommandError('No password on stdin: send it as one line, or run the command in a terminal.');
  return line;
}

/** Asks on the terminal. What is typed goes to an output that discards it. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  const hidden = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: hidden, terminal: true });
  const interrupted = new AbortController();
  // In raw mode Ctrl-C is a character and no signal.
  terminal.once('SIGINT', () => {
    interrupted.abort(new CommandError('Interrupted: nothing was changed.'));
  });
  process.stderr.write(question);
  try {
    return await terminal.question('', { signal: AbortSignal.any([signal, interrupted.signal]) });
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
