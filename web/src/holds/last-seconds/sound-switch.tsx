import { useSyncExternalStore } from 'react';
import { texts } from '../../texts/texts.js';
import { isSoundOn, onSoundChange, setSound } from './sound.js';
import styles from './sound-switch.module.css';

/** Turns the sound of the last seconds on and off. */
export function SoundSwitch() {
  const isOn = useSyncExternalStore(onSoundChange, isSoundOn);
  return (
    <label className={styles.switch}>
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        onChange={({ target }) => {
          setSound(target.checked);
        }}
      />
      {texts.holds.sound}
    </label>
  );
}
