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
export interface TrafficInterceptor {
  /** Called with what the client sent, which is forwarded. */
  onRequest(chunk: Buffer): void;
  /** Called with what the server sent. Return false to drop it, or another chunk to send in its place. */
  onResponse(chunk: Buffer): boolean | Buffer;
}

interface TcpProxyOptions {
  /** The host of the target. Left out: this machine. */
  readonly host?: string;
  /** Called with every new connection. */
  readonly intercept?: (connection: ProxiedConnection) => TrafficInterceptor | undefined;
}

/** A TCP proxy before a server that can cause the faults of a network. */
export interface TcpProxy {
  readonly port: number;
  /** The HTTP URL of the server through the proxy. */
  readonly url: string;
  /** The number of connections so far. */
  readonly connectionCount: number;
  readonly open: ReadonlySet<ProxiedConnection>;
  /** Ends every connection and refuses new ones. */
  disconnect(): Promise<void>;
  /** Accepts connections again, at the same address. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** @param target returns the port for a new connection; undefined destroys the connection. */
export async function openTcpProxy(
  target: () => number | undefined,
  { host = '127.0.0.1', intercept }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  const open = new Set<ProxiedConnection>();
  let server: Server | undefined;
  let connectionCount = 0;

  function accept(client: Socket): void {
    const port = target();
    if (port === undefined) {
      client.destroy();
      return;
    }
    connectionCount += 1;
    const upstream = connect(port, host);
    const connection = createConnection(client, upstream);
    open.add(connection);
    client.once('close', () => open.delete(connection));
    connection.start(intercept?.(connection));
  }

  async function listen(port: number): Promise<number> {
    server = createServer(accept).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function disconnect(): Promise<void> {
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
    get connectionCount() {
      return connectionCount;
    },
    open,
    disconnect,
    async restore() {
      if (!server) await listen(port);
    },
    close: disconnect,
  };
}

function createConnection(
  client: Socket,
  upstream: Socket,
): ProxiedConnection & { start(interceptor?: TrafficInterceptor): void } {
  let latencyMs = 0;
  const forward = (from: Socket, to: Socket, transform: (chunk: Buffer) => boolean | Buffer) => {
    let lastWrite = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      const passed = transform(chunk);
      if (passed === false) return;
      const due = performance.now() + latencyMs;
      lastWrite = lastWrite.then(async () => {
        const wait = due - performance.now();
        if (wait > 0) await sleep(wait);
        if (to.writable) to.write(passed === true ? chunk : passed);
      });
    });
    from.on('error', () => undefined);
    // The last chunks are forwarded before the socket is destroyed.
    from.on('close', () => void lastWrite.then(() => to.destroy()));
  };
  const sockets = [client, upstream];
  return {
    start(interceptor) {
      forward(client, upstream, (chunk) => {
        interceptor?.onRequest(chunk);
        return true;
      });
      forward(upstream, client, (chunk) => interceptor?.onResponse(chunk) ?? true);
    },
    get isOpen() {
      return !client.destroyed;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    stall() {
      for (const socket of sockets) socket.pause();
    },
    resume() {
      for (const socket of sockets) socket.resume();
    },
    delay(ms) {
      latencyMs = ms;
    },
  };
}
