// HTML as tagged templates. Every value is escaped, unless it is markup itself (WHATWG HTML §13.3).

/** HTML that is safe to send: made by `markup`. */
export interface Markup {
  readonly html: string;
}

type Value = Markup | string | number | undefined | false | readonly Value[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * HTML from a template. Values are escaped, lists are joined, `undefined` and `false` are left out. Write
 * attributes in quotes.
 *
 * @example
 * const greeting = markup`<p>Hello ${name}</p>`;
 */
export function markup(texts: TemplateStringsArray, ...values: Value[]): Markup {
  let html = texts[0] ?? '';
  values.forEach((value, index) => {
    html += htmlOf(value) + (texts[index + 1] ?? '');
  });
  return { html };
}

/** Marks a text as HTML, such as a drawing that this program made. */
export function trusted(html: string): Markup {
  return { html };
}

function htmlOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map(htmlOf).join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
