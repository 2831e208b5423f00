import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import type { Drop } from '../api/client.js';

/** Items may move this long after the last pointer event on the list. */
const POINTER_REST_MS = 1_000;
/** A pointer that never rests delays a change no longer than this. */
const MAX_DELAY_MS = 5_000;
const CHECK_EVERY_MS = 250;

interface StableList<List extends HTMLElement> {
  readonly drops: readonly Drop[];
  /** For the list element, whose items have the id of their drop as `data-drop`. */
  readonly list: RefObject<List | null>;
  readonly onPointer: () => void;
}

/**
 * The drops of a list that follows the server without moving items that are in use: items enter, leave and change places
 * when the pointer rests, and the focused item stays until it loses the focus. Another selection is shown at once.
 */
export function useStableList<List extends HTMLElement>(selection: string, drops: readonly Drop[]): StableList<List> {
  const list = useRef<List>(null);
  const pointerAt = useRef(-Infinity);
  const [shown, setShown] = useState({ selection, drops });
  if (shown.selection !== selection) setShown({ selection, drops });

  const current = new Map(drops.map((drop) => [drop.id, drop]));
  const arranged = shown.selection === selection ? shown.drops.map((drop) => current.get(drop.id) ?? drop) : drops;
  const wanted = idsOf(drops);
  const isBehind = idsOf(arranged) !== wanted;

  const rearrange = useEffectEvent(() => {
    const next = withFocused(drops, arranged, list.current);
    if (idsOf(next) !== idsOf(arranged)) setShown({ selection, drops: next });
  });
  useEffect(() => {
    if (!isBehind) return;
    const deadline = performance.now() + MAX_DELAY_MS;
    const check = () => {
      const now = performance.now();
      if (now - pointerAt.current >= POINTER_REST_MS || now >= deadline) rearrange();
    };
    check();
    const timer = setInterval(check, CHECK_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [isBehind, wanted]);

  return {
    drops: arranged,
    list,
    onPointer() {
      pointerAt.current = performance.now();
    },
  };
}

const idsOf = (drops: readonly Drop[]) => drops.map(({ id }) => id).join(' ');

/** The drops, and the focused one at its current place. */
function withFocused(drops: readonly Drop[], shown: readonly Drop[], list: HTMLElement | null): readonly Drop[] {
  const item = document.activeElement?.closest<HTMLElement>('[data-drop]');
  const id = item && list?.contains(item) ? item.dataset.drop : undefined;
  const place = shown.findIndex((drop) => drop.id === id);
  const focused = shown[place];
  if (!focused || drops.some((drop) => drop.id === focused.id)) return drops;
  return drops.toSpliced(place, 0, focused);
}
