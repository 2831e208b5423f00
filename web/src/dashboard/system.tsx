import { useAuth } from '../auth/use-auth.js';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { count, percent } from '../ui/formats.js';
import { Figure, Figures } from './figures.js';
import figureStyles from './figures.module.css';
import { Rates } from './rates.js';
import styles from './system.module.css';
import { perSecond, refused, type Stats } from './use-stats.js';

const words = texts.dashboard.system;
const { conversion, noValue, signInAsAdmin } = texts.common;

/** The connections and rates of the whole service, for admins. */
export function System({ stats }: { readonly stats: readonly Stats[] }) {
  const { isAdmin } = useAuth();
  return (
    <section aria-labelledby="system" className={figureStyles.section}>
      <h2 id="system" className={figureStyles.title}>
        {words.title}
      </h2>
      {isAdmin ? (
        <>
          <RateFigures stats={stats.at(-1)} />
          <Rates stats={stats} />
        </>
      ) : (
        <ForAdmins />
      )}
    </section>
  );
}

/** The rates of the last second, and the share of holds that were bought. Without values until the first are received. */
function RateFigures({ stats }: { readonly stats: Stats | undefined }) {
  const processes = stats?.processes ?? 1;
  return (
    <Figures>
      <Figure
        name={words.connected}
        value={stats ? count(stats.connections) : noValue}
        note={processes > 1 ? words.processes(count(processes)) : undefined}
      />
      <Figure name={words.reservations} value={rate(stats, stats?.reservations)} isHot />
      <Figure name={words.refusals} value={rate(stats, stats && refused(stats))} />
      <Figure name={words.purchases} value={rate(stats, stats?.purchases)} />
      <Figure name={words.expiries} value={rate(stats, stats?.expiries)} />
      <Conversion holds={stats?.holds} />
    </Figures>
  );
}

function rate(stats: Stats | undefined, counted: number | undefined): string {
  if (!stats || counted === undefined) return noValue;
  const value = perSecond(stats, counted);
  return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

/** The share of purchases among all holds that have ended, from the database. */
function Conversion({ holds }: { readonly holds: Stats['holds'] | undefined }) {
  const completed = holds?.completed ?? 0;
  const ended = holds ? completed + holds.expired + holds.released : 0;
  const value = ended === 0 ? noValue : percent(completed / ended);
  return <Figure name={conversion.name} value={value} note={conversion.note(count(completed), count(ended))} />;
}

/** Shown instead of the rates to users who are not admins. */
function ForAdmins() {
  const { user } = useAuth();
  return (
    <div className={styles.admins}>
      <p>{words.forAdmins}</p>
      {!user && (
        <ButtonLink href="/sign-in?next=/dashboard" look="quiet">
          {signInAsAdmin}
        </ButtonLink>
      )}
    </div>
  );
}
