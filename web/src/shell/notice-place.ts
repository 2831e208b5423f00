/** Where the notices may be, the preferred place first. */
const PLACES = ['bottom-end', 'bottom-start', 'top-end', 'top-start'] as const;

const CONTROLS = ':is(main, footer) :is(a[href], button, input, select, textarea, summary, [tabindex="0"])';

/** Moves the notices to the place where they cover the fewest controls: none, unless every corner of the screen has some. */
export function placeNotices(list: HTMLElement): void {
  const controls = [...document.querySelectorAll(CONTROLS)].map((control) => control.getBoundingClientRect());
  const coveredAt = (place: string) => {
    list.dataset.place = place;
    const notices = [...list.children].map((notice) => notice.getBoundingClientRect());
    return controls.filter((control) => notices.some((notice) => overlap(control, notice))).length;
  };
  const current = list.dataset.place;
  // A notice that covers nothing stays where it is read.
  if (current !== undefined && coveredAt(current) === 0) return;
  const covered = PLACES.map(coveredAt);
  list.dataset.place = PLACES[covered.indexOf(Math.min(...covered))];
}

function overlap(a: DOMRect, b: DOMRect): boolean {
  return a.width > 0 && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
