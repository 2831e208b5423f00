import { useEffect } from 'react';
import type { Reservation } from '../../api/client.js';
import { useServices } from '../../services/services.js';
import { texts } from '../../texts/texts.js';
import { countdown } from '../../ui/times.js';
import { remaining } from '../use-holds.js';

/** Shows the time that is left in the title of the window while there is a hold, so that it is seen from other windows. */
export function useWindowTitle(hold: Reservation | undefined, name: string): void {
  const { ticker } = useServices();
  useEffect(() => {
    if (!hold) return undefined;
    let own = '';
    let titleOfPage = '';
    const show = () => {
      // A page that opens sets its title.
      if (document.title !== own) titleOfPage = document.title;
      own = texts.holds.windowTitle(countdown(remaining(hold, ticker.now()).left), name);
      document.title = own;
    };
    show();
    const unsubscribe = ticker.subscribe(show);
    return () => {
      unsubscribe();
      if (document.title === own) document.title = titleOfPage;
    };
  }, [hold, name, ticker]);
}
