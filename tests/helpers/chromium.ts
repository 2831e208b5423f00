import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** The path in Debian's package. */
const DEBIAN_CHROMIUM_PATH = '/usr/bin/chromium';

/** An address reserved for documentation. The browser of the tests resolves it to this machine. */
export const NETWORK_ADDRESS = '192.0.2.10';

/** What Playwright disables. Chromium knows only the last list of its command line, so that the one below replaces it. */
const DISABLED_BY_PLAYWRIGHT = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];
/** Two pages of the address bar, which no test sees. Loading them took half of the time in which a window opens. */
const ADDRESS_BAR = ['WebUIOmniboxAimPopup', 'WebUIOmniboxPopup'];

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
      `--disable-features=${[...DISABLED_BY_PLAYWRIGHT, ...ADDRESS_BAR].join()}`,
      `--host-resolver-rules=MAP ${NETWORK_ADDRESS} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
    ],
  });
}
