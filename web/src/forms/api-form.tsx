import { useEffect, useRef, type ChangeEvent, type ReactElement, type ReactNode, type RefObject } from 'react';
import type { Explanation } from '../api/explain.js';
import type { Submit } from '../api/use-submit.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Field } from '../ui/field.js';
import styles from './api-form.module.css';
import { readBody, type FieldErrors, type FormField, type FormFields, type FormTexts } from './form-fields.js';

type Control = (error: string | undefined) => ReactElement;

interface ApiFormProps<Body extends object> {
  readonly fields: FormFields<Body>;
  readonly request: Pick<Submit<Body>, 'submit' | 'isPending' | 'error'>;
  readonly errors: FieldErrors<Body>;
  /** What the fields contain, if the caller keeps it: see `onEdit`. Left out: the browser keeps it. */
  readonly texts?: FormTexts<Body>;
  readonly onEdit?: (name: keyof Body & string, text: string) => void;
  /** Shown below fields in place of their hints. */
  readonly notes?: { readonly [Name in keyof Body]?: string | undefined };
  /** Shown above the fields: an error that is not about single fields. */
  readonly alert: ReactNode;
  /** Labels of the submit button: at rest, and while a request is under way. */
  readonly labels: readonly [string, string];
  readonly buttonLook?: 'hot' | 'ink';
  /** Fields that are not plain inputs. */
  readonly controls?: { readonly [Name in keyof Body]?: Control };
  /** Id of the heading that names the form, or its name. */
  readonly labelledBy?: string;
  readonly label?: string;
  /** Leaves all validation to the API. */
  readonly noValidate?: boolean;
  readonly className?: string | undefined;
  readonly formRef?: RefObject<HTMLFormElement | null>;
  /** Between the heading and the fields. */
  readonly heading?: ReactNode;
  /** Between the fields and the button. */
  readonly children?: ReactNode;
  /** Below the button. */
  readonly footer?: ReactNode;
}

/** A form that sends a request body of the API. After a refusal the first field with an error has the focus. */
export function ApiForm<Body extends object>(props: ApiFormProps<Body>) {
  const { fields, request, errors, alert, labels, buttonLook = 'ink', controls, labelledBy, noValidate } = props;
  const { texts, onEdit, notes } = props;
  const ownRef = useRef<HTMLFormElement>(null);
  const form = props.formRef ?? ownRef;
  const { error } = request;
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
  return (
    <form
      ref={form}
      className={classNames(styles.form, props.className)}
      aria-labelledby={labelledBy}
      aria-label={props.label}
      noValidate={noValidate}
      onSubmit={(event) => {
        event.preventDefault();
        request.submit(readBody(fields, new FormData(event.currentTarget)));
      }}
    >
      {props.heading}
      <div role="alert" className={styles.alert}>
        {alert}
      </div>
      <div className={styles.fields}>
        {namesOf(fields).map((name) => {
          const { isNarrow, parse: _parse, format: _format, ...input }: FormField<unknown> = fields[name];
          const control: Control | undefined = controls?.[name];
          const kept = texts && {
            value: texts[name],
            onChange: ({ target }: ChangeEvent<HTMLInputElement>) => onEdit?.(name, target.value),
          };
          return (
            <div key={name} className={classNames(!isNarrow && styles.wide)}>
              {control ? (
                control(errors[name])
              ) : (
                <Field {...input} {...kept} name={name} hint={notes?.[name] ?? input.hint} error={errors[name]} />
              )}
            </div>
          );
        })}
      </div>
      {props.children}
      <Button type="submit" look={buttonLook} isBusy={request.isPending}>
        {labels[request.isPending ? 1 : 0]}
      </Button>
      {props.footer}
    </form>
  );
}

const namesOf = <Body extends object>(fields: FormFields<Body>) => Object.keys(fields) as (keyof Body & string)[];

/** What went wrong with a request, for the alert of its form. */
export function FormAlert({ explanation, children }: { explanation: Explanation; children?: ReactNode }) {
  return (
    <p className={styles.error}>
      <strong>{texts.common.sentence(explanation.title)}</strong> <span>{explanation.text}</span> {children}
    </p>
  );
}
