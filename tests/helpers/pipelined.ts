import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

interface PipelinedRequest {
  readonly path: string;
  readonly token: string;
  readonly body: object;
}

/**
 * Posts requests at the same moment over one connection, without waiting for responses in between: at most 16, since the
 * service refuses more. An HTTP client of Node would cost the test's process as much as the service itself.
 *
 * @returns the status of each, and the code of a problem: `409 sold-out`.
 */
export async function postPipelined(url: string, requests: readonly PipelinedRequest[]): Promise<string[]> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    requests
      .map(({ path, token, body }, index) => {
        const json = JSON.stringify(body);
        return [
          `POST ${path} HTTP/1.1`,
          `Host: ${host}`,
          `Authorization: Bearer ${token}`,
          'Content-Type: application/json',
          `Content-Length: ${Buffer.byteLength(json)}`,
          `Connection: ${index < requests.length - 1 ? 'keep-alive' : 'close'}`,
          '',
          json,
        ].join('\r\n');
      })
      .join(''),
  );
  const responses = (await text(socket)).split(/(?=HTTP\/1\.1 \d{3} )/);
  return responses.map((response) => {
    const status = response.slice('HTTP/1.1 '.length).slice(0, 3);
    const { code } = JSON.parse(response.slice(response.indexOf('\r\n\r\n'))) as { code?: string };
    return code === undefined ? status : `${status} ${code}`;
  });
}
