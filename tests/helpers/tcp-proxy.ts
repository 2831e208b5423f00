import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One connection through a proxy, and the faults that a test can cause. */
export interface ProxiedConnection {
  readonly isOpen: boolean;
  /** Destroys both sockets, without the end of a stream. */
  cut(): void;
  /** Forwards nothing, and keeps the sockets open. */
  stall(): void;
  /** Forwards what was sent while the connection was stalled, and everything after it. */
  resume(): void;
  /** Delays what is sent from now on, in both directions and in order. */
  delay(ms: number): void;
}

/** Observes the traffic of a connection. */
export interface Eavesdropper {
  /** Called with what the client sent, which is forwarded. */
  asked(chunk: Buffer): void;
  /** Called with what the server sent. Return false to drop it, or another chunk to send in its place. */
  answered(chunk: Buffer): boolean | Buffer;
}

interface TcpProxyOptions {
  /** The host of the target. Left out: this machine. */
  readonly host?: string;
  /** Called with every new connection. */
  readonly befall?: (connection: ProxiedConnection) => Eavesdropper | undefined;
}

/** A TCP proxy before a server that can cause the faults of a network. */
export interface TcpProxy {
  readonly port: number;
  /** The HTTP URL of the server through the proxy. */
  readonly url: string;
  /** The number of connections so far. */
  readonly made: number;
  readonly open: ReadonlySet<ProxiedConnection>;
  /** Ends every connection and refuses new ones. */
  goAway(): Promise<void>;
  /** Accepts connections again, at the same address. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param target returns the port for a new connection; undefined destroys the connection. */
export async function openTcpProxy(
  target: () => number | undefined,
  { host = '127.0.0.1', befall }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  const open = new Set<ProxiedConnection>();
  let server: Server | undefined;
  let made = 0;

  function take(client: Socket): void {
    const port = target();
    if (port === undefined) {
      client.destroy();
      return;
    }
    made += 1;
    const upstream = connect(port, host);
    const connection = createConnection(client, upstream);
    open.add(connection);
    client.once('close', () => open.delete(connection));
    connection.join(befall?.(connection));
  }

  async function listen(port: number): Promise<number> {
    server = createServer(take).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function goAway(): Promise<void> {
    for (const connection of open) connection.cut();
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    await closed;
  }

  const port = await listen(0);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get made() {
      return made;
    },
    open,
    goAway,
    async comeBack() {
      if (!server) await listen(port);
    },
    close: goAway,
  };
}

function createConnection(
  client: Socket,
  upstream: Socket,
): ProxiedConnection & { join(eavesdropper?: Eavesdropper): void } {
  let latency = 0;
  const forward = (from: Socket, to: Socket, passes: (chunk: Buffer) => boolean | Buffer) => {
    let turn = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      const passed = passes(chunk);
      if (passed === false) return;
      const due = performance.now() + latency;
      turn = turn.then(async () => {
        const wait = due - performance.now();
        if (wait > 0) await sleep(wait);
        if (to.writable) to.write(passed === true ? chunk : passed);
      });
    });
    from.on('error', () => undefined);
    // The last chunks are forwarded before the socket is destroyed.
    from.on('close', () => void turn.then(() => to.destroy()));
  };
  const both = [client, upstream];
  return {
    join(eavesdropper) {
      forward(client, upstream, (chunk) => {
        eavesdropper?.asked(chunk);
        return true;
      });
      forward(upstream, client, (chunk) => eavesdropper?.answered(chunk) ?? true);
    },
    get isOpen() {
      return !client.destroyed;
    },
    cut() {
      for (const socket of both) socket.destroy();
    },
    stall() {
      for (const socket of both) socket.pause();
    },
    resume() {
      for (const socket of both) socket.resume();
    },
    delay(ms) {
      latency = ms;
    },
  };
}
