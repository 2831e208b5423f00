import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One connection through a proxy, and what may befall it. */
export interface ProxiedConnection {
  readonly isOpen: boolean;
  /** Ends it, as a cable that is pulled: without a goodbye. */
  cut(): void;
  /** Nothing comes through, and nobody is told. */
  stall(): void;
  /** All that was sent meanwhile comes through. */
  resume(): void;
  /** What is sent from now on takes so many ms more, in both directions; the order stays. */
  delay(ms: number): void;
}

/** Who listens in on a connection. */
export interface Eavesdropper {
  /** The client has sent this; it goes on to the server. */
  asked(chunk: Buffer): void;
  /** The server has sent this: false keeps it from the client, another chunk takes its place. */
  answered(chunk: Buffer): boolean | Buffer;
}

interface TcpProxyOptions {
  /** Where the ports are: this machine, if left out. */
  readonly host?: string;
  /** Called with every new connection. */
  readonly befall?: (connection: ProxiedConnection) => Eavesdropper | undefined;
}

/** A stretch of network before a server, to be made a bad one. */
export interface TcpProxy {
  readonly port: number;
  /** `http://…`, through the proxy. */
  readonly url: string;
  /** How many connections were made so far. */
  readonly made: number;
  readonly open: ReadonlySet<ProxiedConnection>;
  /** Ends every connection and refuses new ones. */
  goAway(): Promise<void>;
  /** Takes connections again, at the same address. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param target the port that a new connection leads to; what has none is cut. */
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
    // What it said at last comes through.
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
