import { FlatCompat } from '@eslint/eslintrc';
import js from '@eslint/js';
import rules from './.eslintrc.cjs';

// ESLint 10 no longer reads .eslintrc.cjs by itself; every rule stands there.
export default new FlatCompat({ baseDirectory: import.meta.dirname, recommendedConfig: js.configs.recommended }).config(
  rules,
);
