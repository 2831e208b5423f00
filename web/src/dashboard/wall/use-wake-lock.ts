import { useEffect } from 'react';

/** Keeps the screen on while the component is shown, where the browser can. */
export function useWakeLock(): void {
  useEffect(() => {
    // Missing in older browsers, and on a page that was loaded over plain HTTP from another machine.
    const { wakeLock } = navigator as Partial<Navigator>;
    let lock: Promise<WakeLockSentinel | undefined> | undefined;
    // The browser releases it when the page is hidden, and refuses it when the battery is low.
    const request = () => {
      if (document.visibilityState === 'visible') lock = wakeLock?.request('screen').catch(() => undefined);
    };
    request();
    document.addEventListener('visibilitychange', request);
    return () => {
      document.removeEventListener('visibilitychange', request);
      void lock?.then((sentinel) => sentinel?.release());
    };
  }, []);
}
