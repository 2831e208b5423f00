/** A request of a load. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Besides `Host`, `Authorization` and those of the body. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, in ASCII. */
  readonly body?: string;
  /** One token per line; each request takes the next one. */
  readonly tokensFile?: string;
}

/** The bytes of a request before and after the line of its token. */
export function requestAroundToken({ method, path, headers = {}, body }: LoadRequest): [head: string, tail: string] {
  const others = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const content = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return [`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${others.join('')}`, `${content}\r\n${body ?? ''}`];
}
