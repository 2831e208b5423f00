import { createContext, useContext, useEffect, useRef, type RefObject } from 'react';

/** How one came to the page that is shown: it was opened, or by a link, or by the browser's back and forward. */
type Arrival = 'opened' | 'link' | 'history' | 'retry';

const ArrivalContext = createContext<RefObject<Arrival>>({ current: 'opened' });
export const ArrivalProvider = ArrivalContext.Provider;

/** Keeps what {@link useArrivalFocus} needs to know; for the provider. */
export function useArrival(): RefObject<Arrival> {
  const arrival = useRef<Arrival>('opened');
  useEffect(() => {
    const ways = { pushState: 'link', popstate: 'history' } as const;
    const stops = Object.entries(ways).map(([name, way]) => {
      const note = () => {
        arrival.current = way;
      };
      window.addEventListener(name, note);
      return () => {
        window.removeEventListener(name, note);
      };
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return arrival;
}

/** Returns a function that marks the next page as shown by a retry, whose button took the focus with it when it went. */
export function useMarkRetry(): () => void {
  const arrival = useContext(ArrivalContext);
  return () => {
    if (arrival.current === 'opened') arrival.current = 'retry';
  };
}

/** Moves the focus to the heading of a page that one came to from another, so that keyboard and screen reader begin there. */
export function useArrivalFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrival = useContext(ArrivalContext);
  useEffect(() => {
    if (arrival.current === 'opened') return;
    heading.current?.focus({ preventScroll: true });
    if (arrival.current === 'link') window.scrollTo(0, 0);
  }, [arrival]);
  return heading;
}
