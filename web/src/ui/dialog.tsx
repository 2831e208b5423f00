import { useId, useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react';
import { texts } from '../texts/texts.js';
import { Button } from './button.js';
import styles from './dialog.module.css';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Has the focus first, if there is no required field. Left out: the first control. */
  readonly focusRef?: RefObject<HTMLElement | null>;
  /** Called by the Escape key. The caller stops rendering the dialog. */
  readonly onClose: () => void;
}

/**
 * A modal dialog. It is open while it is rendered. A required field has the focus first; when the dialog is removed, the focus
 * returns to where it was.
 */
export function Dialog({ title, children, focusRef, onClose }: DialogProps) {
  const titleId = useId();
  const dialogRef = useRef<HTMLDialogElement>(null);

  useLayoutEffect(() => {
    const dialog = dialogRef.current;
    if (!dialog) return undefined;
    // showModal() focuses the first control, which would be the wrong one.
    dialog.showModal();
    (dialog.querySelector<HTMLInputElement>('input:required') ?? focusRef?.current)?.focus();
    return () => {
      dialog.close();
    };
  }, [focusRef]);

  return (
    <dialog
      ref={dialogRef}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.content}>
        <h2 id={titleId} className={styles.title} dir="auto">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  /** What happens, and fields, whose values `onConfirm` receives. */
  readonly children?: ReactNode;
  readonly confirmLabel: string;
  /** The label while the request runs. */
  readonly busyLabel?: string;
  /** `hot`: what cannot be undone. */
  readonly look?: 'ink' | 'hot';
  readonly isBusy?: boolean;
  /** A field has to be filled in first. */
  readonly isIncomplete?: boolean;
  /** Why the request failed. The dialog stays open. */
  readonly alert?: ReactNode;
  readonly onConfirm: (values: FormData) => void;
  /** Called by "Go back" and by the Escape key, but not while a request runs. The caller stops rendering the dialog. */
  readonly onClose: () => void;
}

/** A dialog that asks before an action. Without a required field, the button that confirms has the focus first. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, confirmLabel, busyLabel, look = 'ink', isBusy = false, isIncomplete = false } = props;
  const { alert, onConfirm, onClose } = props;
  const confirmRef = useRef<HTMLButtonElement>(null);
  return (
    <Dialog
      title={title}
      focusRef={confirmRef}
      onClose={() => {
        if (!isBusy) onClose();
      }}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && !isIncomplete) onConfirm(new FormData(event.currentTarget));
        }}
      >
        {children}
        <div role="alert" className={styles.alert}>
          {alert}
        </div>
        <div className={styles.actions}>
          <Button look="quiet" aria-disabled={isBusy} onClick={isBusy ? undefined : onClose}>
            {texts.ui.goBack}
          </Button>
          <Button ref={confirmRef} type="submit" look={look} isBusy={isBusy} disabled={isIncomplete}>
            {isBusy ? (busyLabel ?? confirmLabel) : confirmLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
