import { useRef, type CSSProperties } from 'react';
import { bodyOf, type Drop } from '../api/client.js';
import { explain, explainUncertain } from '../api/explain.js';
import type { components } from '../api/contract.js';
import { useSubmit } from '../api/use-submit.js';
import { FormAlert } from '../forms/api-form.js';
import { asNumber, asText, errorsByField, optional, readBody, type FormFields } from '../forms/form-fields.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Field } from '../ui/field.js';
import { count } from '../ui/formats.js';
import { StockBar } from '../ui/stock-bar.js';
import { Panel } from './panel.js';
import styles from './stock-panel.module.css';

const words = texts.organiser.stock;

type ChangeStockBody = components['schemas']['ChangeStockBody'];

const FIELDS: FormFields<ChangeStockBody> = {
  delta: { label: words.units, type: 'number', inputMode: 'numeric', min: 1, parse: asNumber },
  reason: {
    label: words.reason,
    type: 'text',
    maxLength: 500,
    autoComplete: 'off',
    hint: words.reasonHint,
    parse: optional(asText),
  },
};

interface StockPanelProps {
  readonly drop: Drop;
  /** The connection is lost: the counts are the last known ones. */
  readonly isOld: boolean;
}

/** The units of a drop, and the form that changes their number. */
export function StockPanel({ drop, isOld }: StockPanelProps) {
  const { availableStock, reservedStock, soldStock, totalStock, status } = drop;
  const over = status === 'ended' || status === 'cancelled' ? status : null;
  const counts = [
    [words.left, availableStock],
    [words.held, reservedStock],
    [words.sold, soldStock],
  ] as const;
  return (
    <Panel id="stock" title={texts.organiser.sections.stock}>
      <div className={classNames(styles.stock, isOld && styles.old)}>
        <dl className={styles.counts}>
          {counts.map(([name, units]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd style={{ '--length': count(units).length } as CSSProperties}>{count(units)}</dd>
            </div>
          ))}
        </dl>
        <StockBar drop={drop} isStill={isOld || over !== null} />
        <p className={styles.total}>
          {isOld
            ? texts.common.leftOfLastKnown(count(totalStock))
            : words.total(texts.common.units(totalStock, count(totalStock)))}
        </p>
      </div>
      {over ? <p className={styles.total}>{words[over]}</p> : <ChangeStock drop={drop} />}
    </Panel>
  );
}

/** Puts units on sale, or takes some off, with a reason for the history. */
function ChangeStock({ drop: { id, name } }: { readonly drop: Drop }) {
  const { api, notices } = useServices();
  const form = useRef<HTMLFormElement>(null);
  const request = useSubmit({
    isIdempotent: true,
    send: async (body: ChangeStockBody, key) => {
      const params = { path: { id }, header: { 'idempotency-key': key } };
      return { ...body, drop: bodyOf(await api.POST('/api/drops/{id}/stock', { params, body })).data };
    },
    onSuccess({ delta, drop }) {
      form.current?.reset();
      const units = texts.common.units(Math.abs(delta), count(Math.abs(delta)));
      notices.show({
        tone: 'good',
        topic: `stock ${id}`,
        title: (delta > 0 ? words.added : words.removed)(units, name),
        text: words.newTotal(count(drop.totalStock)),
      });
    },
  });
  const errors = errorsByField(FIELDS, request.error);
  const isGeneral = request.error && Object.keys(errors).length === 0;
  const { parse: _number, ...units } = FIELDS.delta;
  const { parse: _text, ...reason } = FIELDS.reason;
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label={words.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const { delta, ...body } = readBody(FIELDS, new FormData(event.currentTarget));
        const { submitter } = event.nativeEvent;
        request.submit({ ...body, delta: submitter?.dataset.sign === '-' ? -delta : delta });
      }}
    >
      <div role="alert" className={styles.alert}>
        {isGeneral && (
          <FormAlert explanation={request.isUncertain ? explainUncertain('changeStock') : explain(request.error)} />
        )}
      </div>
      <Field {...units} name="delta" error={errors.delta} />
      <Field {...reason} name="reason" error={errors.reason} />
      <div className={styles.actions}>
        <Button type="submit" isBusy={request.isPending}>
          {words.add}
        </Button>
        <Button type="submit" look="quiet" isBusy={request.isPending} data-sign="-">
          {words.remove}
        </Button>
      </div>
    </form>
  );
}
