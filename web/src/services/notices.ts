import { createListenerSet } from '../../../src/client/listeners.js';

/** `good`: a success. `bad`: a failure. `plain`: neutral. */
export type Tone = 'good' | 'bad' | 'plain';

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  /** A newer notice with the same topic replaces this one. Default: the title. */
  readonly topic?: string;
  readonly title: string;
  readonly text?: string;
  readonly link?: { readonly href: string; readonly label: string };
}

/** Short messages in a corner of the page, the newest last. Screen readers announce them. */
export interface Notices {
  readonly all: () => readonly Notice[];
  readonly show: (notice: Omit<Notice, 'id'>) => void;
  readonly dismiss: (id: number) => void;
  readonly clear: () => void;
  readonly subscribe: (listener: () => void) => () => void;
}

const MAX_NOTICES = 3;

export function createNotices(): Notices {
  let notices: readonly Notice[] = [];
  let nextId = 1;
  const listeners = createListenerSet();

  function change(next: readonly Notice[]): void {
    notices = next;
    listeners.notify();
  }

  return {
    all: () => notices,
    show(notice) {
      const topicOf = ({ topic, title }: Omit<Notice, 'id'>) => topic ?? title;
      const others = notices.filter((other) => topicOf(other) !== topicOf(notice));
      change([...others, { ...notice, id: nextId++ }].slice(-MAX_NOTICES));
    },
    dismiss(id) {
      change(notices.filter((notice) => notice.id !== id));
    },
    clear() {
      if (notices.length > 0) change([]);
    },
    subscribe: listeners.add,
  };
}
