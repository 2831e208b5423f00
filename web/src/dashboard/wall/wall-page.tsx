import { useRef, type CSSProperties } from 'react';
import { Link, useParams } from 'wouter';
import type { Drop } from '../../api/client.js';
import { useAuth } from '../../auth/use-auth.js';
import { Connection } from '../../page/connection.js';
import { LoadedDrop } from '../../page/loaded-drop.js';
import { Page } from '../../page/page.js';
import { useDrop, useServerNow } from '../../services/use-live.js';
import { texts } from '../../texts/texts.js';
import { ButtonLink } from '../../ui/button.js';
import { classNames } from '../../ui/class-names.js';
import { count, moment, money } from '../../ui/formats.js';
import { Picture } from '../../ui/picture.js';
import { StatusTag } from '../../ui/status-tag.js';
import { StockBar } from '../../ui/stock-bar.js';
import { StockCount } from '../../ui/stock-count.js';
import { countdown } from '../../ui/times.js';
import { FullScreen } from '../full-screen.js';
import { useStats } from '../use-stats.js';
import { isOver } from './next-drop.js';
import { Over } from './over.js';
import { useReservationRate } from './use-reservation-rate.js';
import { useWakeLock } from './use-wake-lock.js';
import styles from './wall.module.css';

const words = texts.dashboard.wall;
const systemWords = texts.dashboard.system;

/** One drop on a large screen. When it is over, the page moves on to the drop that opens next. */
export function WallPage() {
  const { id = '' } = useParams();
  useWakeLock();
  const back = (
    <ButtonLink href="/dashboard" look="quiet">
      {texts.dashboard.title}
    </ButtonLink>
  );
  return (
    <LoadedDrop key={id} id={id} title={texts.common.wallDisplay} back={back}>
      {(fetched) => <Wall fetched={fetched} />}
    </LoadedDrop>
  );
}

function Wall({ fetched }: { readonly fetched: Drop }) {
  const { drop, freshness } = useDrop(fetched);
  const frame = useRef<HTMLDivElement>(null);
  const isOld = freshness === 'old';
  return (
    <div ref={frame} className={classNames(styles.wall, isOld && styles.old)}>
      <Page title={drop.name} isHeadingHidden>
        <div className={styles.top}>
          <StatusTag status={drop.status} isOld={isOld} className={styles.status} />
          <p className={styles.name} dir="auto" aria-hidden="true">
            {drop.name}
          </p>
          <p className={styles.price}>{money(drop.price, drop.currency)}</p>
        </div>
        <div className={styles.stage}>
          <div className={styles.main}>
            {isOld && !isOpen(drop) && <p className={styles.note}>{texts.common.lastKnown}</p>}
            {isOver(drop) ? <Over drop={drop} /> : <Stock drop={drop} isOld={isOld} />}
          </div>
          <div className={styles.face}>
            <Picture imageUrl={drop.imageUrl} isFirst />
          </div>
        </div>
        <Figures drop={drop} />
        <Controls frame={frame} dropId={drop.id} />
      </Page>
    </div>
  );
}

interface StockProps {
  readonly drop: Drop;
  readonly isOld: boolean;
}

/** The units that are left, or the time until the drop opens. */
function Stock({ drop, isOld }: StockProps) {
  const { status, availableStock, reservedStock, totalStock, dropStartsAt } = drop;
  if (status === 'scheduled') {
    return (
      <>
        <Clock until={dropStartsAt} at={words.opening} className={styles.clock} />
        <p className={styles.words}>{words.opensIn(moment(dropStartsAt))}</p>
      </>
    );
  }
  const total = count(totalStock);
  const left = isOld ? texts.common.leftOfLastKnown(total) : texts.common.leftOf(total);
  const isAllHeld = availableStock === 0 && reservedStock > 0;
  return (
    <>
      <p>
        <StockCount units={availableStock} />
        <span className="visually-hidden">{count(availableStock)}</span>
      </p>
      <p className={styles.words}>{isAllHeld ? words.mayComeBack(left) : left}</p>
      <StockBar drop={drop} isStill={isOld || status !== 'live'} className={styles.bar} />
    </>
  );
}

/** The units that are left are shown. */
const isOpen = (drop: Drop): boolean => !isOver(drop) && drop.status !== 'scheduled';

function Figures({ drop }: { readonly drop: Drop }) {
  const { status, dropEndsAt, soldStock, reservedStock, totalStock } = drop;
  const rate = useReservationRate(drop.id);
  const stats = useStats().at(-1);
  return (
    <dl className={styles.figures}>
      {isOpen(drop) && (
        <Figure name={systemWords.reservations} value={count(rate < 10 ? rate : Math.round(rate))} isHot />
      )}
      {isOpen(drop) && <Figure name={words.held} value={count(reservedStock)} />}
      {status === 'scheduled' ? (
        <Figure name={words.units} value={count(totalStock)} />
      ) : (
        <Figure name={words.sold} value={count(soldStock)} />
      )}
      {stats && <Figure name={systemWords.connected} value={count(stats.connections)} />}
      {!isOver(drop) && dropEndsAt !== null && (
        <div className={styles.figure}>
          <dt className={styles.label}>{words.endsIn}</dt>
          <dd>
            <Clock until={dropEndsAt} at={words.ending} className={styles.value} />
          </dd>
        </div>
      )}
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly isHot?: boolean;
}

function Figure({ name, value, isHot = false }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt className={styles.label}>{name}</dt>
      <dd
        className={classNames(styles.value, isHot && styles.hot)}
        style={{ '--length': value.length } as CSSProperties}
      >
        {value}
      </dd>
    </div>
  );
}

interface ClockProps {
  readonly until: string;
  /** Shown once the time has passed, until the server has confirmed the new state. */
  readonly at: string;
  readonly className?: string | undefined;
}

function Clock({ until, at, className }: ClockProps) {
  const left = Date.parse(until) - useServerNow();
  const text = left > 0 ? countdown(left) : at;
  return (
    <span className={className} style={{ '--length': text.length } as CSSProperties} role="timer" aria-live="off">
      {text}
    </span>
  );
}

interface ControlsProps {
  readonly frame: React.RefObject<HTMLElement | null>;
  readonly dropId: string;
}

/** Not shown in full screen. */
function Controls({ frame, dropId }: ControlsProps) {
  const { isAdmin } = useAuth();
  return (
    <div className={styles.controls}>
      <Connection />
      {!isAdmin && <Link href={`/sign-in?next=/dashboard/${dropId}`}>{words.signIn}</Link>}
      <ButtonLink href="/dashboard" look="quiet">
        {texts.dashboard.title}
      </ButtonLink>
      <FullScreen of={frame} />
    </div>
  );
}
