import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { readCatalog, readSqlOnlyObjects } from './catalog.js';
import type { Catalog } from './catalog.js';
import { catalogOf, columnsSetByTriggers } from './catalog-of-prisma.js';
import { hasSchemaEngine, prisma, readDatamodel } from './prisma-cli.js';

const schemaEngine = await hasSchemaEngine();

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe("Prisma's schema and the migrated database", () => {
  let declared: Catalog;
  let actual: Catalog;

  beforeAll(async () => {
    const datamodel = await readDatamodel();
    declared = catalogOf(datamodel);
    actual = await readCatalog(db);
    // Prisma can declare that the database fills a column, but not that a trigger does.
    expect(columnsSetByTriggers(datamodel)).toEqual(['drops.available_stock']);
  });

  it.each(['tables', 'columns', 'enums', 'indexes', 'foreignKeys'] as const)('agree on %s', (part) => {
    expect(declared[part].length).toBeGreaterThan(0);
    expect(declared[part]).toEqual(actual[part]);
  });

  it.skipIf(!schemaEngine)('have no difference according to prisma migrate diff', async () => {
    const diff = ['migrate', 'diff', '--exit-code', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma'];
    const { code, output } = await prisma(diff, db.url);
    expect(output).toContain('No difference detected');
    expect(code).toBe(0);
  });
});

describe('the constraints, indexes and triggers that Prisma cannot express', () => {
  it('are exactly these', async () => {
    expect(await readSqlOnlyObjects(db)).toEqual({
      checks: [
        'drop_refusals_by_minute_positive',
        'drop_refusals_positive',
        'drop_stats_not_negative',
        'drops_available_stock_not_negative',
        'drops_currency_code',
        'drops_description_length',
        'drops_draft_is_untouched',
        'drops_ends_after_start',
        'drops_hold_seconds_in_range',
        'drops_limit_per_user_positive',
        'drops_name_length',
        'drops_price_not_negative',
        'drops_request_hash_with_key',
        'drops_reserved_stock_not_negative',
        'drops_sold_stock_not_negative',
        'drops_stock_adds_up',
        'drops_times_in_range',
        'purchases_price_not_negative',
        'reservations_expires_at_finite',
        'reservations_price_not_negative',
        'reservations_price_of_active',
        'reservations_settled_when_not_active',
        'stock_movements_cause_with_units',
        'stock_movements_key_with_actor',
        'stock_movements_one_actor',
        'stock_movements_reason_length',
        'stock_movements_units_not_negative',
        'users_disabled_details',
        'users_disabled_reason_length',
        'users_enabled_details',
        'users_enabled_reason_length',
        'users_erased_without_person',
        'users_token_version_not_negative',
      ],
      indexes: {
        users_email_key: 'CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower((email COLLATE "C")))',
        users_admins_idx:
          "CREATE INDEX users_admins_idx ON public.users USING btree (id) WHERE (role = 'admin'::user_role)",
        users_has_holds_to_release_idx:
          'CREATE INDEX users_has_holds_to_release_idx ON public.users USING btree (id) WHERE has_holds_to_release',
        users_username_key:
          'CREATE UNIQUE INDEX users_username_key ON public.users USING btree (lower((username COLLATE "C")))',
        reservations_active_user_id_drop_id_key:
          'CREATE UNIQUE INDEX reservations_active_user_id_drop_id_key ON public.reservations USING btree (user_id, drop_id) ' +
          "WHERE (status = 'active'::reservation_status)",
        reservations_unsettled_drop_id_expires_at_idx:
          'CREATE INDEX reservations_unsettled_drop_id_expires_at_idx ON public.reservations USING btree (drop_id, expires_at) ' +
          'WHERE (settled_at IS NULL)',
        reservations_unpaid_user_id_drop_id_settled_at_idx:
          'CREATE INDEX reservations_unpaid_user_id_drop_id_settled_at_idx ON public.reservations USING btree ' +
          "(user_id, drop_id, settled_at) WHERE (status = ANY (ARRAY['expired'::reservation_status, 'released'::reservation_status]))",
        reservations_completed_user_id_drop_id_idx:
          'CREATE INDEX reservations_completed_user_id_drop_id_idx ON public.reservations USING btree (user_id, drop_id) ' +
          "WHERE (status = 'completed'::reservation_status)",
        reservations_drop_id_status_created_at_id_idx:
          'CREATE INDEX reservations_drop_id_status_created_at_id_idx ON public.reservations USING btree ' +
          '(drop_id, status, created_at, id) WHERE isfinite(expires_at)',
        purchases_user_id_created_at_id_idx:
          'CREATE INDEX purchases_user_id_created_at_id_idx ON public.purchases USING btree ' +
          '(user_id, created_at DESC, id DESC) WHERE (price >= (0)::numeric)',
        reservations_user_id_idempotency_key_key: keyedOnly('reservations'),
        purchases_user_id_idempotency_key_key: keyedOnly('purchases'),
        drops_created_by_id_idx:
          'CREATE INDEX drops_created_by_id_idx ON public.drops USING btree (created_by, id) WHERE (price >= (0)::numeric)',
        drops_open_start_idx:
          "CREATE INDEX drops_open_start_idx ON public.drops USING btree (is_sold_out, timezone('UTC'::text, drop_starts_at) DESC, id DESC) " +
          'WHERE ((published_at IS NOT NULL) AND (cancelled_at IS NULL) AND (paused_at IS NULL) AND (drop_ends_at IS NULL))',
        drops_open_end_idx:
          "CREATE INDEX drops_open_end_idx ON public.drops USING btree (is_sold_out, timezone('UTC'::text, drop_ends_at), id) " +
          'WHERE ((published_at IS NOT NULL) AND (cancelled_at IS NULL) AND (paused_at IS NULL) AND (drop_ends_at IS NOT NULL))',
        drops_paused_idx:
          "CREATE INDEX drops_paused_idx ON public.drops USING btree (timezone('UTC'::text, paused_at) DESC, id DESC) " +
          'WHERE ((published_at IS NOT NULL) AND (cancelled_at IS NULL) AND (paused_at IS NOT NULL))',
        drops_created_by_idempotency_key_key: keyedOnly('drops', 'created_by'),
        stock_movements_actor_id_idempotency_key_key: keyedOnly('stock_movements', 'actor_id'),
        stock_movements_actor_id_drop_id_version_idx:
          'CREATE INDEX stock_movements_actor_id_drop_id_version_idx ON public.stock_movements USING btree ' +
          '(actor_id, drop_id, version) WHERE ((actor_id IS NOT NULL) AND (version > 0))',
      },
      triggers: [
        trigger('drops_before_write', 'BEFORE INSERT OR UPDATE ON public.drops FOR EACH ROW'),
        trigger('drops_create_stats', 'AFTER INSERT ON public.drops FOR EACH ROW'),
        trigger(
          'drops_guard_currency',
          'BEFORE UPDATE OF currency ON public.drops FOR EACH ROW WHEN ((new.currency IS DISTINCT FROM old.currency))',
        ),
        trigger(
          'drops_guard_life_cycle',
          'BEFORE INSERT OR UPDATE OF published_at, cancelled_at ON public.drops FOR EACH ROW',
        ),
        trigger('drops_normalize_name', 'BEFORE INSERT OR UPDATE OF name ON public.drops FOR EACH ROW'),
        trigger(
          'drops_notify_first_hold',
          'AFTER UPDATE ON public.drops FOR EACH ROW WHEN (((old.reserved_stock = 0) AND (new.reserved_stock > 0)))',
        ),
        trigger(
          'drops_set_sold_out',
          'BEFORE INSERT OR UPDATE ON public.drops FOR EACH ROW WHEN ((new.is_sold_out IS DISTINCT FROM (new.sold_stock = new.total_stock)))',
        ),
        trigger('drops_write_ledger', 'AFTER INSERT OR UPDATE ON public.drops FOR EACH ROW'),
        trigger(
          'ended_tokens_write_change',
          'AFTER INSERT ON public.ended_tokens FOR EACH ROW',
          'account_changes_write',
        ),
        trigger(
          'purchases_add_revenue',
          'AFTER INSERT ON public.purchases REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT',
        ),
        trigger(
          'purchases_change_revenue',
          'AFTER UPDATE ON public.purchases REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT',
          'purchases_add_revenue',
        ),
        trigger(
          'purchases_subtract_revenue',
          'AFTER DELETE ON public.purchases REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT',
          'purchases_add_revenue',
        ),
        trigger('purchases_touch_updated_at', 'BEFORE UPDATE ON public.purchases FOR EACH ROW', 'touch_updated_at'),
        trigger(
          'reservations_before_insert',
          "BEFORE INSERT ON public.reservations FOR EACH ROW WHEN ((new.status <> 'active'::reservation_status))",
          'reservations_before_write',
        ),
        trigger('reservations_before_write', 'BEFORE UPDATE ON public.reservations FOR EACH ROW'),
        trigger(
          'reservations_set_price',
          'BEFORE INSERT ON public.reservations FOR EACH ROW WHEN ((new.price IS NULL))',
        ),
        trigger(
          'stock_movements_add_stats',
          'AFTER INSERT ON public.stock_movements FOR EACH ROW WHEN (((new.version > 1) AND ((new.expired_units > 0) OR ' +
            '(new.released_units > 0) OR ((((new.delta_reserved + new.delta_sold) + new.expired_units) + new.released_units) > 0))))',
        ),
        trigger(
          'stock_movements_append_only',
          'BEFORE INSERT OR DELETE OR UPDATE ON public.stock_movements FOR EACH ROW',
        ),
        trigger(
          'stock_movements_no_truncate',
          'BEFORE TRUNCATE ON public.stock_movements FOR EACH STATEMENT',
          'stock_movements_append_only',
        ),
        trigger(
          'users_before_access_change',
          'BEFORE UPDATE OF password_hash, token_version, has_ended_tokens, disabled_at, erased_at ON public.users FOR EACH ROW',
        ),
        trigger(
          'users_before_insert',
          'BEFORE INSERT ON public.users FOR EACH ROW WHEN ((new.token_version > 1000000000))',
        ),
        trigger('users_touch_updated_at', 'BEFORE UPDATE ON public.users FOR EACH ROW', 'touch_updated_at'),
        trigger(
          'users_write_change',
          'AFTER UPDATE ON public.users FOR EACH ROW WHEN (((((old.token_version IS DISTINCT FROM new.token_version) OR ' +
            '(old.has_ended_tokens IS DISTINCT FROM new.has_ended_tokens)) OR (old.disabled_at IS DISTINCT FROM new.disabled_at)) ' +
            'OR (old.role IS DISTINCT FROM new.role)))',
          'account_changes_write',
        ),
        trigger('users_write_deletion', 'AFTER DELETE ON public.users FOR EACH ROW', 'account_changes_write'),
      ],
    });
  });
});

it('the hot tables have settings of their own for vacuums', async () => {
  const { rows } = await db.query<{ name: string; settings: string[] }>(
    `SELECT relname AS name, reloptions AS settings FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL`,
  );
  const frequentWhenChanged = (threshold: number, factor: number) => [
    `autovacuum_vacuum_threshold=${threshold}`,
    `autovacuum_vacuum_scale_factor=${factor}`,
    'vacuum_index_cleanup=on',
  ];
  const frequentWhenInserted = [
    'autovacuum_vacuum_insert_threshold=100000',
    'autovacuum_vacuum_insert_scale_factor=0.01',
  ];
  expect(Object.fromEntries(rows.map(({ name, settings }) => [name, settings]))).toEqual({
    reservations: frequentWhenChanged(25_000, 0.001),
    drops: frequentWhenChanged(1_000, 0.01),
    drop_stats: frequentWhenChanged(1_000, 0.01),
    purchases: frequentWhenInserted,
    stock_movements: frequentWhenInserted,
  });
});

const keyedOnly = (table: string, owner = 'user_id') =>
  `CREATE UNIQUE INDEX ${table}_${owner}_idempotency_key_key ON public.${table} USING btree (${owner}, idempotency_key) ` +
  'WHERE (idempotency_key IS NOT NULL)';

function trigger(name: string, when: string, functionName = name): string {
  return `CREATE TRIGGER ${name} ${when} EXECUTE FUNCTION ${functionName}()`;
}
