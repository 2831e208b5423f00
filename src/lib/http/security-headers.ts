import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/**
 * The headers that guard every answer, as helmet sets them. They depend on no request, so helmet is asked once: its fifteen
 * middlewares at every request would find the same each time.
 */
export function securityHeaders(publicUrl: string): readonly (readonly [name: string, value: string])[] {
  const middleware = helmet({
    // Over plain http these would send browsers to an https that is not there.
    ...(publicUrl.startsWith('https:')
      ? {}
      : { strictTransportSecurity: false, contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }),
  });
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  middleware(req, res, () => undefined);
  return Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]);
}
