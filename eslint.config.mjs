import { FlatCompat } from '@eslint/eslintrc';
import js from '@eslint/js';
import accessibility from 'eslint-plugin-jsx-a11y-x';
import rules from './.eslintrc.cjs';

// ESLint 10 no longer reads .eslintrc.cjs by itself; every rule stands there, but for those of a plugin that the older
// kind of configuration cannot load.
export default [
  ...new FlatCompat({ baseDirectory: import.meta.dirname, recommendedConfig: js.configs.recommended }).config(rules),
  { files: ['web/src/**/*.{ts,tsx}'], ...accessibility.configs.strict },
];
