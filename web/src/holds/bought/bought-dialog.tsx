import { useEffect, useRef, useSyncExternalStore, type MouseEvent } from 'react';
import { useLocation } from 'wouter';
import { texts } from '../../texts/texts.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { count, date, money } from '../../ui/formats.js';
import { useHoldRecords, type Bought } from '../hold-records.js';
import { useHolds } from '../use-holds.js';
import styles from './bought-dialog.module.css';

const TEXTS = texts.holds.bought;

/** The success of a purchase. It closes when another page opens. */
export function BoughtDialog() {
  const records = useHoldRecords();
  const bought = useSyncExternalStore(records.subscribe, records.bought);
  const [path] = useLocation();
  const { showBought } = records;
  useEffect(
    () => () => {
      showBought(null);
    },
    [path, showBought],
  );
  if (!bought) return null;
  return (
    <OpenDialog
      bought={bought}
      onClose={() => {
        showBought(null);
        focusActionOf(bought.dropId);
      }}
    />
  );
}

interface OpenDialogProps {
  readonly bought: Bought;
  readonly onClose: () => void;
}

function OpenDialog({ bought: { name, price, currency, createdAt }, onClose }: OpenDialogProps) {
  const nameRef = useRef<HTMLParagraphElement>(null);
  const { holds } = useHolds();
  return (
    // Not a control has the focus first: the key that pressed the button to buy may still be held down.
    <Dialog title={TEXTS.title} focusRef={nameRef} onClose={onClose}>
      <div
        className={styles.content}
        // The second click of a double click on the button to buy lands on the dialog.
        onClickCapture={(event: MouseEvent) => {
          if (event.detail > 1) event.preventDefault();
        }}
      >
        <p ref={nameRef} tabIndex={-1} className={styles.name} dir="auto">
          {name}
        </p>
        <p className={styles.facts}>
          <span className={styles.price}>{money(price, currency)}</span>
          <time dateTime={createdAt}>{date(createdAt)}</time>
        </p>
        <div className={styles.actions}>
          <ButtonLink href="/purchases">{TEXTS.view}</ButtonLink>
          {holds.length > 0 && (
            <ButtonLink href="/holds" look="quiet">
              {TEXTS.others(count(holds.length))}
            </ButtonLink>
          )}
          <Button look="quiet" onClick={onClose}>
            {TEXTS.close}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** The button to buy, which had the focus, is gone: the focus moves to what replaced it, or to the heading of the page. */
function focusActionOf(dropId: string): void {
  setTimeout(() => {
    const action = document.querySelector<HTMLElement>(`[data-action="${dropId}"] :is(button, a)`);
    (action ?? document.querySelector<HTMLElement>('h1'))?.focus();
  });
}
