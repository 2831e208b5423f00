import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What stands between the service and its database, to take the database away. */
export interface DatabaseProxy {
  /** The database, through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections (again), at the same address. */
  restore(): Promise<void>;
  /**
   * The next time a client sends this text, the database gets it, and the connection ends in place of the answer: this one
   * alone, or with all others as {@link cut} does.
   */
  loseAnswerTo(text: string, andCut?: boolean): void;
  close(): Promise<void>;
}

/** Opens a proxy before the database of a connection string. */
export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let lost: { readonly text: string; readonly andCut: boolean } | undefined;

  function forward(client: Socket): void {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let loss: typeof lost;
    client.on('data', (chunk) => {
      if (lost && chunk.includes(lost.text)) {
        loss = lost;
        lost = undefined;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (loss) client.destroy();
      else client.write(chunk);
      if (loss?.andCut) void cut();
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // prettier-ignore
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }

  async function listen(port: number): Promise<number> {
    server = createServer(forward).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function cut(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    await closed;
  }

  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.toString(),
    cut,
    async restore() {
      if (!server) await listen(port);
    },
    loseAnswerTo(text, andCut = false) {
      lost = { text, andCut };
    },
    close: cut,
  };
}
