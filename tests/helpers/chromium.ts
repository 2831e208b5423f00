import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** Where Debian's package puts it. */
const DEBIAN = '/usr/bin/chromium';

/** An address of nobody's network, set apart for documentation. The browser of the tests finds this machine there. */
export const NETWORK_ADDRESS = '192.0.2.10';

/** The Chromium to test with: the one that the setting CHROMIUM names, or else the system's. Null: there is none. */
export function chromiumPath(): string | null {
  const path = process.env.CHROMIUM || DEBIAN;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
}

/**
 * Starts Chromium, with a new profile that goes with it, and with no other machine in reach.
 *
 * @throws {Error} if there is none.
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('There is no Chromium here; CHROMIUM may name one');
  return chromium.launch({
    executablePath,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${NETWORK_ADDRESS} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
    ],
  });
}
