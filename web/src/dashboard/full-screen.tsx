import { useEffect, useState } from 'react';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';

/** Shows an element of the page alone, for example on a wall screen. */
export function FullScreen({ of }: { readonly of: React.RefObject<HTMLElement | null> }) {
  const [isFull, setIsFull] = useState(false);
  useEffect(() => {
    const changed = () => {
      setIsFull(document.fullscreenElement !== null);
    };
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
    };
  }, []);
  if (!document.fullscreenEnabled) return null;
  return (
    <Button look="quiet" onClick={() => void (isFull ? document.exitFullscreen() : of.current?.requestFullscreen())}>
      {isFull ? texts.dashboard.fullScreen.leave : texts.dashboard.fullScreen.enter}
    </Button>
  );
}
