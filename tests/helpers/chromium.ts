import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** The path in Debian's package. */
const DEBIAN_CHROMIUM_PATH = '/usr/bin/chromium';

/** An address reserved for documentation. The browser of the tests resolves it to this machine. */
export const NETWORK_ADDRESS = '192.0.2.10';

/** The path of Chromium: from CHROMIUM, or else the system's. Null if neither exists. */
export function chromiumPath(): string | null {
  const path = process.env.CHROMIUM || DEBIAN_CHROMIUM_PATH;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
}

/**
 * Starts Chromium with a temporary profile and without access to other machines.
 *
 * @throws {Error} if Chromium is not installed.
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('Chromium is not installed; CHROMIUM may name its path');
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
