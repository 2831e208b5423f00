import { useParams } from 'wouter';
import type { Drop } from '../api/client.js';
import { DropControls } from '../admin/controls/drop-controls.js';
import { EditDrop } from '../admin/form/edit-drop.js';
import { SignInAsAdmin } from '../auth/sign-in-as-admin.js';
import { useAuth } from '../auth/use-auth.js';
import { LoadedDrop } from '../page/loaded-drop.js';
import { Page } from '../page/page.js';
import { useDrop } from '../services/use-live.js';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { date, money } from '../ui/formats.js';
import { Picture } from '../ui/picture.js';
import { DropLists } from './drop-lists.js';
import { FiguresPanel } from './figures-panel.js';
import styles from './organiser-page.module.css';
import { Panel } from './panel.js';
import { SectionBar } from './section-bar.js';
import { StockPanel } from './stock-panel.js';
import { useRefresh } from './use-refresh.js';

const words = texts.organiser;

/** The organiser's page of one drop: its state, stock, holds and buyers, and what changes them. */
export function OrganiserPage() {
  const { id = '' } = useParams();
  const { isAdmin } = useAuth();
  if (!isAdmin) return <SignInAsAdmin title={words.title} />;
  return (
    <LoadedDrop key={id} id={id}>
      {(fetched) => <OrganisedDrop fetched={fetched} />}
    </LoadedDrop>
  );
}

function OrganisedDrop({ fetched }: { readonly fetched: Drop }) {
  const { drop, freshness } = useDrop(fetched);
  const isOld = freshness === 'old';
  useRefresh(drop.id);
  return (
    <Page title={drop.name} aside={<Links drop={drop} />}>
      <div className={styles.head}>
        <Picture imageUrl={drop.imageUrl} className={styles.picture} isFirst />
        <div className={styles.facts}>
          <p className={styles.price}>{money(drop.price, drop.currency)}</p>
          <p className={styles.times}>{timesOf(drop)}</p>
        </div>
      </div>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel id="state" title={words.sections.state}>
            <DropControls drop={drop} freshness={freshness} />
          </Panel>
          <StockPanel drop={drop} isOld={isOld} />
          <Panel id="details" title={words.sections.details}>
            <EditDrop drop={drop} />
          </Panel>
        </div>
        <div className={styles.column}>
          <FiguresPanel drop={drop} isOld={isOld} />
          <DropLists drop={drop} isOld={isOld} />
        </div>
      </div>
      <SectionBar />
    </Page>
  );
}

function Links({ drop }: { readonly drop: Drop }) {
  return (
    <div className={styles.links}>
      {drop.status !== 'draft' && (
        <ButtonLink look="quiet" href={`/drops/${drop.id}`}>
          {words.shopPage}
        </ButtonLink>
      )}
      <ButtonLink look="quiet" href={`/dashboard/${drop.id}`}>
        {texts.common.wallDisplay}
      </ButtonLink>
    </div>
  );
}

function timesOf({ dropStartsAt, dropEndsAt }: Drop): string {
  const start = date(dropStartsAt);
  return dropEndsAt === null ? words.timesWithoutEnd(start) : words.times(start, date(dropEndsAt));
}
