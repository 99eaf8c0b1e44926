// Parts of forms: a field with its label, and the summary of errors, which gets the focus so that a screen
// reader reads it first (WCAG 2.2 §3.3.1).
import type { Markup } from '../../platform/pages/markup.ts';
import { markup } from '../../platform/pages/markup.ts';

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'password';
  /** The autofill hint for browsers and password managers (WHATWG HTML §4.10.18.7). */
  autocomplete: string;
  value?: string | undefined;
  hint?: string | undefined;
  /** The error message of the field. */
  error?: string | undefined;
  /** Only digits, so telephones show a keypad. */
  isCode?: boolean;
  hasFocus?: boolean;
}

/** A field with its label and hint. */
export function field(parts: Field): Markup {
  const { name, label, type = 'text', autocomplete, value, hint, error, isCode, hasFocus } = parts;
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const attributes = [
    value !== undefined && markup` value="${value}"`,
    isCode && markup` inputmode="numeric" class="code" autocapitalize="none"`,
    type === 'text' && markup` autocapitalize="none" spellcheck="false"`,
    described !== '' && markup` aria-describedby="${described}"`,
    error !== undefined && markup` aria-invalid="true"`,
    hasFocus && markup` autofocus`,
  ];
  return markup`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required${attributes}>
${hint !== undefined && markup`<p class="hint" id="${name}-hint">${hint}</p>`}${
  error !== undefined && markup`<p class="hint" id="${name}-error">${error}</p>`
}</div>`;
}

/** A hidden field. */
export function hidden(name: string, value: string | undefined): Markup {
  return value === undefined ? markup`` : markup`<input type="hidden" name="${name}" value="${value}">`;
}

/** The error message above the form. */
export function errorSummary(message: string | undefined): Markup {
  if (message === undefined) return markup``;
  return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus><p>${message}</p></div>`;
}

/** The message about the last act. */
export function doneNotice(message: string | undefined): Markup {
  if (message === undefined) return markup``;
  return markup`<div class="notice" role="status"><p>${message}</p></div>`;
}
