import { runChild } from './child.js';
import { openLiveClient, openLiveClients } from './live-client.js';

export interface FollowersPlan {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly dropId: string;
  readonly sockets: number;
}

/** Opens sockets that follow a drop, until the parent ends it. */
await runChild(async ({ port, dropId, sockets }: FollowersPlan) => {
  const clients = await openLiveClients(sockets, () => openLiveClient(port, dropId, () => undefined));
  return {
    result: null,
    close: async () => {
      for (const client of clients) client.terminate();
    },
  };
});
