import { useRef, type CSSProperties } from 'react';
import { bodyOf, type Drop } from '../api/client.js';
import { explain, explainUncertain } from '../api/explain.js';
import type { components } from '../api/contract.js';
import { useSubmit } from '../api/use-submit.js';
import { FormAlert } from '../forms/api-form.js';
import { asNumber, asText, errorsByField, optional, readBody, type FormFields } from '../forms/form-fields.js';
import { useServices } from '../services/services.js';
import { Button } from '../ui/button.js';
import { classNames } from '../ui/class-names.js';
import { Field } from '../ui/field.js';
import { count } from '../ui/formats.js';
import { StockBar } from '../ui/stock-bar.js';
import { Panel } from './panel.js';
import styles from './stock-panel.module.css';

type ChangeStockBody = components['schemas']['ChangeStockBody'];

const FIELDS: FormFields<ChangeStockBody> = {
  delta: { label: 'Units', type: 'number', inputMode: 'numeric', min: 1, parse: asNumber },
  reason: {
    label: 'Reason',
    type: 'text',
    maxLength: 500,
    autoComplete: 'off',
    hint: 'Optional, for the history.',
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
  const counts = [
    ['Left', availableStock],
    ['On hold', reservedStock],
    ['Sold', soldStock],
  ] as const;
  const isOver = status === 'ended' || status === 'cancelled';
  return (
    <Panel id="stock" title="Stock">
      <div className={classNames(styles.stock, isOld && styles.old)}>
        <dl className={styles.counts}>
          {counts.map(([name, units]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd style={{ '--length': count(units).length } as CSSProperties}>{count(units)}</dd>
            </div>
          ))}
        </dl>
        <StockBar drop={drop} isStill={isOld || isOver} />
        <p className={styles.total}>{`${isOld ? 'Last known, of' : 'Of'} ${count(totalStock)} units in all`}</p>
      </div>
      {isOver ? (
        <p
          className={styles.total}
        >{`The stock of a drop that ${status === 'ended' ? 'has ended' : 'was cancelled'} cannot be changed.`}</p>
      ) : (
        <ChangeStock drop={drop} />
      )}
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
      const units = `${count(Math.abs(delta))} ${Math.abs(delta) === 1 ? 'unit' : 'units'}`;
      notices.show({
        tone: 'good',
        topic: `stock ${id}`,
        title: delta > 0 ? `${units} put on sale: ${name}` : `${units} taken off sale: ${name}`,
        text: `${count(drop.totalStock)} in all now.`,
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
      aria-label="Change the stock"
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
          Put on sale
        </Button>
        <Button type="submit" look="quiet" isBusy={request.isPending} data-sign="-">
          Take off sale
        </Button>
      </div>
    </form>
  );
}
