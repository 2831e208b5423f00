import { createListenerSet } from '../../../src/client/listeners.js';

/** `good`: it worked. `bad`: it did not. `plain`: something happened. */
export type Tone = 'good' | 'bad' | 'plain';

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  /** What it is about: what was said of it before is out of date, and goes. */
  readonly topic?: string;
  readonly title: string;
  readonly text?: string;
  /** Where to go from here. */
  readonly link?: { readonly href: string; readonly label: string };
}

/** What the page has to say, the newest last: shown, and read out by screen readers when they are idle. */
export interface Notices {
  readonly all: () => readonly Notice[];
  readonly say: (notice: Omit<Notice, 'id'>) => void;
  readonly dismiss: (id: number) => void;
  readonly clear: () => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** More at once nobody reads. */
const MOST = 3;

export function createNotices(): Notices {
  let notices: readonly Notice[] = [];
  let nextId = 1;
  const listeners = createListenerSet();

  function become(next: readonly Notice[]): void {
    notices = next;
    listeners.notify();
  }

  return {
    all: () => notices,
    say(notice) {
      const topicOf = ({ topic, title }: Omit<Notice, 'id'>) => topic ?? title;
      const others = notices.filter((other) => topicOf(other) !== topicOf(notice));
      become([...others, { ...notice, id: nextId++ }].slice(-MOST));
    },
    dismiss(id) {
      become(notices.filter((notice) => notice.id !== id));
    },
    clear() {
      if (notices.length > 0) become([]);
    },
    subscribe: listeners.add,
  };
}
