import { useState } from 'react';
import type { Drop } from '../../api/client.js';
import { useServerNow, type Freshness } from '../../services/use-live.js';
import { texts } from '../../texts/texts.js';
import { Button } from '../../ui/button.js';
import { useKeptFocus } from '../../ui/kept-focus.js';
import { StatusTag } from '../../ui/status-tag.js';
import { ActionDialog } from './action-dialog.js';
import { actionsOf, stateText, type DropAction } from './drop-actions.js';
import styles from './drop-controls.module.css';

interface DropControlsProps {
  readonly drop: Drop;
  readonly freshness: Freshness;
}

/** The state of a drop, and what an admin can do to it now. Every action is confirmed. */
export function DropControls({ drop, freshness }: DropControlsProps) {
  const now = useServerNow();
  const [opened, setOpened] = useState<DropAction | null>(null);
  const actions = actionsOf(drop, now);
  const kept = useKeptFocus(`${actions.join(' ')} ${opened ?? ''}`);
  return (
    <div {...kept} tabIndex={-1} className={styles.controls}>
      <p className={styles.state}>
        <StatusTag status={drop.status} isOld={freshness === 'old'} />
        <span>{stateText(drop)}</span>
      </p>
      {actions.length > 0 && (
        <div role="group" aria-label={texts.admin.changeState} className={styles.actions}>
          {actions.map((action, index) => (
            <Button
              // By place: the button that was pressed becomes the next one, and keeps the focus.
              key={index}
              look={index === 0 && action !== 'cancel' ? 'ink' : 'quiet'}
              onClick={() => {
                setOpened(action);
              }}
            >
              {texts.admin[action].label}
            </Button>
          ))}
        </div>
      )}
      {opened && (
        <ActionDialog
          action={opened}
          drop={drop}
          onClose={() => {
            setOpened(null);
          }}
        />
      )}
    </div>
  );
}
