import { Socket } from 'engine.io';
import { searchText } from './secrets.js';

type SendPacket = (this: Socket, type: string, data?: unknown, ...rest: unknown[]) => unknown;

/** Searches all packets to sockets of this process; none may have an e-mail, not even that of its own user. Call it once. */
export function captureSockets(): void {
  const prototype = Socket.prototype as unknown as { sendPacket: SendPacket };
  const { sendPacket } = prototype;
  prototype.sendPacket = function (type, data, ...rest) {
    if (typeof data === 'string') searchText(data, `a packet to a socket (${data.slice(0, 40)}…)`);
    return sendPacket.call(this, type, data, ...rest);
  };
}
