import { openTcpProxy, type ProxiedConnection, type TcpProxy } from './tcp-proxy.js';

/** A proxy between the service and its database that can make the database unreachable. */
export interface DatabaseProxy {
  /** The connection string of the database through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts connections again, at the same address. */
  restore(): Promise<void>;
  /**
   * Forwards this statement to the database the next time a client sends it, and ends the connection in place of the response: only
   * that connection, or with `andCut` all of them, as {@link cut} does.
   */
  loseResponseTo(text: string, andCut?: boolean): void;
  /**
   * Does the same for that connection alone, then runs `meanwhile` with every other connection stalled, open or new: after the
   * database ran the statement, and before the client can send it again. Resolves when `meanwhile` is done.
   */
  loseResponseWhile(text: string, meanwhile: () => Promise<void>): Promise<void>;
  /** The open connections, each of which a test can cut, stall or delay. */
  readonly open: TcpProxy['open'];
  close(): Promise<void>;
}

/** Opens a proxy to the database of a connection string. */
export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  let pendingLoss: { readonly text: string; readonly then: () => void } | undefined;
  let stalling = false;

  async function stallWhile(work: () => Promise<void>): Promise<void> {
    stalling = true;
    for (const connection of proxy.open) connection.stall();
    try {
      await work();
    } finally {
      stalling = false;
      for (const connection of proxy.open) connection.resume();
    }
  }

  function interceptConnection(connection: ProxiedConnection) {
    let activeLoss: typeof pendingLoss;
    if (stalling) connection.stall();
    return {
      onRequest(chunk: Buffer) {
        // The protocol ends a statement with NUL, so part of a longer statement does not match.
        if (!pendingLoss || !chunk.includes(`${pendingLoss.text}\0`)) return;
        activeLoss = pendingLoss;
        pendingLoss = undefined;
      },
      onResponse() {
        if (!activeLoss) return true;
        connection.cut();
        activeLoss.then();
        return false;
      },
    };
  }

  const proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    intercept: interceptConnection,
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return {
    url: url.toString(),
    cut: () => proxy.disconnect(),
    restore: () => proxy.restore(),
    loseResponseTo(text, andCut = false) {
      pendingLoss = { text, then: () => andCut && void proxy.disconnect() };
    },
    loseResponseWhile: (text, meanwhile) =>
      new Promise((resolve, reject) => {
        pendingLoss = { text, then: () => void stallWhile(meanwhile).then(resolve, reject) };
      }),
    open: proxy.open,
    close: () => proxy.close(),
  };
}
