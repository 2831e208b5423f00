import { useEffect, useRef, type FocusEvent } from 'react';

/**
 * Keeps the focus when the focused control is replaced by another one, as the button to reserve is by the reservation: for the
 * element around them, which has the focus itself if it is focusable and no button is left.
 *
 * @param shown identifies the controls that are shown.
 */
export function useKeptFocus(shown: string | undefined) {
  const element = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  const before = useRef(shown);
  useEffect(() => {
    if (before.current === shown) return;
    before.current = shown;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (!hasFocus.current || !isLost) return;
    (element.current?.querySelector('button') ?? element.current)?.focus({ preventScroll: true });
  }, [shown]);
  return {
    ref: element,
    onFocus() {
      hasFocus.current = true;
    },
    onBlur({ relatedTarget }: FocusEvent) {
      // When the focused element is removed, there is no next element.
      if (relatedTarget) hasFocus.current = false;
    },
  };
}
