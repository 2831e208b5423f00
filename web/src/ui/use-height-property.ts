import { useEffect, type RefObject } from 'react';

/**
 * Keeps the height of an element in a custom property of the page, so that what is fixed to the screen does not cover it, nor the
 * end of the page. Without an element the property is not set.
 *
 * @param isShown whether the element is rendered.
 */
export function useHeightProperty(ref: RefObject<HTMLElement | null>, property: `--${string}`, isShown: boolean): void {
  useEffect(() => {
    const element = ref.current;
    if (!isShown || !element) return undefined;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => {
      style.setProperty(property, `${element.offsetHeight}px`);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(property);
    };
  }, [ref, property, isShown]);
}
