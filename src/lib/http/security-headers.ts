import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

type Headers = readonly (readonly [name: string, value: string])[];
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * The headers that guard every answer, as helmet sets them. They depend on no request, so helmet is asked once: its fifteen
 * middlewares at every request would find the same each time.
 */
export function securityHeaders(publicUrl: string): Headers {
  return headersOf(
    helmet(
      isSecure(publicUrl)
        ? {}
        : {
            // Over plain http these would send browsers to an https that is not there.
            strictTransportSecurity: false,
            contentSecurityPolicy: { directives: upgrading(publicUrl) },
            // These they take from https alone, and say so in the console of every page.
            crossOriginOpenerPolicy: false,
            originAgentCluster: false,
          },
    ),
  );
}

/**
 * The Content-Security-Policy of the storefront's own pages: scripts, styles, fonts and connections of this server alone,
 * none within the page itself. Pictures of drops may come from anywhere: an admin names their addresses.
 */
export function pageSecurityHeaders(publicUrl: string): Headers {
  return headersOf(
    helmet.contentSecurityPolicy({
      directives: {
        // To browsers the websocket of this host is 'self' too.
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'http:', 'https:'],
        styleSrc: ["'self'"],
        ...upgrading(publicUrl),
      },
    }),
  );
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}

function upgrading(publicUrl: string) {
  return { upgradeInsecureRequests: isSecure(publicUrl) ? [] : null };
}

function headersOf(middleware: Middleware): Headers {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  middleware(req, res, () => undefined);
  return Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]);
}
