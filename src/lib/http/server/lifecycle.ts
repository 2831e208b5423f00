import { once } from 'node:events';
import type { Server } from 'node:http';
import { OperatorError } from '../../errors/operator-error.js';

export class ListenError extends OperatorError {}

export class PortTakenError extends ListenError {}

interface Address {
  readonly host: string;
  readonly port: number;
  /** The setting that chooses the port, for the message. */
  readonly setting: string;
  /** The setting that chooses the host, for the message. */
  readonly hostSetting: string;
}

/** Starts listening. @throws {ListenError} saying what is wrong with the port or the host, and what to do. */
export async function listen(server: Server, { host, port, setting, hostSetting }: Address): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new PortTakenError(
        `Port ${port} is taken by another program.\n` +
          `Stop that program, or choose another port: ${setting}=${port + 1} npm start`,
      );
    }
    throw new ListenError(`Cannot listen on ${host}, port ${port} (${hostSetting} and ${setting}): ${message}`);
  }
}
