import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** How the proxy treats a websocket upgrade: forwards it, returns 400, closes the connection, or ignores it. */
export type UpgradeTreatment = 'pass' | 'refuse' | 'close' | 'ignore';

interface HttpProxyOptions {
  /** The URL of the service, `http://127.0.0.1:…`. */
  readonly target: string;
  readonly upgrades?: UpgradeTreatment;
}

/** An HTTP proxy that rewrites `Host` to its target, as nginx's `proxy_pass` does without further settings. */
export interface HttpProxy {
  readonly url: string;
  /** May be changed at any time; applies to later upgrades. */
  upgrades: UpgradeTreatment;
  /** The number of upgrades so far. */
  readonly upgradeCount: number;
  close(): Promise<void>;
}

/** Starts a proxy. Close it in `afterAll`. */
export async function openHttpProxy({ target, upgrades = 'pass' }: HttpProxyOptions): Promise<HttpProxy> {
  const { hostname, port, host } = new URL(target);
  const sockets = new Set<Socket>();
  let upgradeCount = 0;
  const rewritten = (headers: IncomingHttpHeaders) => ({ ...headers, host });

  const server = createServer((req, res) => {
    const { method, url: path, headers } = req;
    const forwarded = request({ hostname, port, method, path, headers: rewritten(headers) }, (response) => {
      res.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    res.on('close', () => forwarded.destroy());
    req.pipe(forwarded);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (req: IncomingMessage, socket: Socket, head: Buffer) => {
    upgradeCount += 1;
    if (proxy.upgrades === 'refuse')
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    if (proxy.upgrades === 'close') socket.destroy();
    if (proxy.upgrades !== 'pass') return;
    const upstream = connect(Number(port), hostname);
    sockets.add(upstream);
    upstream.on('error', () => undefined).once('close', () => socket.destroy());
    socket.once('close', () => upstream.destroy());
    const lines = Object.entries(rewritten(req.headers)).map(([name, value]) => `${name}: ${String(value)}`);
    upstream.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  const proxy: HttpProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upgrades,
    get upgradeCount() {
      return upgradeCount;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
