import type { ComponentProps } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';
import { classNames } from './class-names.js';

/** `ink`: the default. `hot`: the main action of the page. `quiet`: a secondary action. */
type Look = 'ink' | 'hot' | 'quiet';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look;
  /** A request is pending: clicks have no effect, and the button keeps the focus. */
  readonly isBusy?: boolean;
}

export function Button({ look = 'ink', isBusy = false, className, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={classNames(styles.button, styles[look], className)}
      aria-disabled={isBusy || rest['aria-disabled']}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

interface ButtonLinkProps {
  readonly href: string;
  readonly look?: Look;
  readonly className?: string | undefined;
  /** The accessible name. Left out: the text. */
  readonly label?: string;
  readonly children: React.ReactNode;
}

/** A link with the look of a button. */
export function ButtonLink({ href, look = 'ink', className, label, children }: ButtonLinkProps) {
  return (
    <Link href={href} aria-label={label} className={classNames(styles.button, styles[look], className)}>
      {children}
    </Link>
  );
}
