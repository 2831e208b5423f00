import { en } from './en.js';

/** The shape of a translation. */
export type Texts = typeof en;

/** The texts of the page, in the language that it is shown in. */
export const texts: Texts = en;
