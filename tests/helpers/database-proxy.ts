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
   * The next time a client sends this text, the database gets it, and the connection ends in place of the answer: this one
   * alone, or with all others as {@link cut} does.
   */
  loseAnswerTo(text: string, andCut?: boolean): void;
  /** The connections that are open, each to be made a bad one. */
  readonly open: TcpProxy['open'];
  close(): Promise<void>;
}

/** Opens a proxy before the database of a connection string. */
export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  let lost: { readonly text: string; readonly andCut: boolean } | undefined;

  function listenIn(connection: ProxiedConnection) {
    let loss: typeof lost;
    return {
      asked(chunk: Buffer) {
        if (!lost || !chunk.includes(lost.text)) return;
        loss = lost;
        lost = undefined;
      },
      answered() {
        if (!loss) return true;
        connection.cut();
        if (loss.andCut) void proxy.goAway();
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
      lost = { text, andCut };
    },
    open: proxy.open,
    close: () => proxy.close(),
  };
}
