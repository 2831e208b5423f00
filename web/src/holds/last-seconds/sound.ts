import { createListenerSet } from '../../../../src/client/listeners.js';
import { sharedStorage } from '../../storage.js';

const KEY = 'drop-inventory.sound';
const FREQUENCY_HZ = 880;
const DURATION_SECONDS = 0.12;
const VOLUME = 0.15;

const listeners = createListenerSet();
let context: AudioContext | undefined;

/** Whether the last seconds of a hold are heard. Off unless the user has turned it on; remembered by the browser. */
export const isSoundOn = () => sharedStorage.getItem(KEY) === 'on';
export const onSoundChange = listeners.add;

/** Turns the sound on, which plays it once, or off. */
export function setSound(isOn: boolean): void {
  if (isOn) sharedStorage.setItem(KEY, 'on');
  else sharedStorage.removeItem(KEY);
  listeners.notify();
  beep();
}

/** Plays a short tone if the sound is on. Silent until the browser allows sound, which it does after the first click. */
export function beep(): void {
  if (!isSoundOn()) return;
  context ??= new AudioContext();
  void context.resume();
  const tone = context.createOscillator();
  const volume = context.createGain();
  const end = context.currentTime + DURATION_SECONDS;
  tone.frequency.value = FREQUENCY_HZ;
  volume.gain.setValueAtTime(VOLUME, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, end);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(end);
}
