/** The forms of a word: `other` is always given, the rest as the language needs. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** Returns a function that chooses the form of a word for a number, by the rules of the language. */
export function plural(language: string, forms: PluralForms): (value: number) => string {
  const rules = new Intl.PluralRules(language);
  return (value) => forms[rules.select(value)] ?? forms.other;
}
