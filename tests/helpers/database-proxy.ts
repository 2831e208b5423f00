import { openTcpProxy, type ProxiedConnection, type TcpProxy } from './tcp-proxy.js';

/** What stands between the service and its database, to take the database away. */
export interface DatabaseProxy {
  /** The database, through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections (again), at the same address. */
  restore(): Promise<void>;
  /**
   * The next time a client sends this statement, the database gets it, and the connection ends in place of the answer: this one
   * alone, or with all others as {@link cut} does.
   */
  loseAnswerTo(text: string, andCut?: boolean): void;
  /**
   * The same, for this connection alone. Every other connection, open or new, is stalled until `meanwhile` is done: it happens
   * after the database has done what was sent, and before the client can send it again. Resolves when it is done.
   */
  loseAnswerWhile(text: string, meanwhile: () => Promise<void>): Promise<void>;
  /** The connections that are open, each to be made a bad one. */
  readonly open: TcpProxy['open'];
  close(): Promise<void>;
}

/** Opens a proxy before the database of a connection string. */
export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  let lost: { readonly text: string; readonly then: () => void } | undefined;
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

  function listenIn(connection: ProxiedConnection) {
    let loss: typeof lost;
    if (stalling) connection.stall();
    return {
      asked(chunk: Buffer) {
        // The protocol ends a statement with a NUL: part of a longer one is not meant.
        if (!lost || !chunk.includes(`${lost.text}\0`)) return;
        loss = lost;
        lost = undefined;
      },
      answered() {
        if (!loss) return true;
        connection.cut();
        loss.then();
        return false;
      },
    };
  }

  const proxy = await openTcpProxy(() => Number(target.port || 5432), { host: target.hostname, befall: listenIn });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return {
    url: url.toString(),
    cut: () => proxy.goAway(),
    restore: () => proxy.comeBack(),
    loseAnswerTo(text, andCut = false) {
      lost = { text, then: () => andCut && void proxy.goAway() };
    },
    loseAnswerWhile: (text, meanwhile) =>
      new Promise((resolve, reject) => {
        lost = { text, then: () => void stallWhile(meanwhile).then(resolve, reject) };
      }),
    open: proxy.open,
    close: () => proxy.close(),
  };
}
