import { createContext, useContext, useEffect, useRef, type RefObject } from 'react';

/** How the current page was reached: opened directly, by a link, by back or forward, or by a retry after a failure. */
type NavigationType = 'opened' | 'link' | 'history' | 'retry';

const NavigationTypeContext = createContext<RefObject<NavigationType>>({ current: 'opened' });
export const NavigationTypeProvider = NavigationTypeContext.Provider;

/** Records the navigation type for {@link useHeadingFocus}; for the provider. */
export function useNavigationType(): RefObject<NavigationType> {
  const navigationRef = useRef<NavigationType>('opened');
  useEffect(() => {
    const types = { pushState: 'link', popstate: 'history' } as const;
    const stops = Object.entries(types).map(([event, type]) => {
      const record = () => {
        navigationRef.current = type;
      };
      window.addEventListener(event, record);
      return () => {
        window.removeEventListener(event, record);
      };
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return navigationRef;
}

/** Returns a function that records a retry: its button had the focus and is removed, so that the focus moves to the heading. */
export function useMarkRetry(): () => void {
  const navigationRef = useContext(NavigationTypeContext);
  return () => {
    if (navigationRef.current === 'opened') navigationRef.current = 'retry';
  };
}

/** Moves the focus to the heading after a navigation, so that keyboard and screen reader start there. */
export function useHeadingFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const navigationRef = useContext(NavigationTypeContext);
  useEffect(() => {
    if (navigationRef.current === 'opened') return;
    heading.current?.focus({ preventScroll: true });
    if (navigationRef.current === 'link') window.scrollTo(0, 0);
  }, [navigationRef]);
  return heading;
}
