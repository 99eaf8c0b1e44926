// HTML from templates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markup, trusted } from '../../../src/platform/pages/markup.ts';

test('values are escaped, in text and in attributes', () => {
  const evil = `"><script>alert('x')</script>&`;
  const { html } = markup`<p title="${evil}">${evil}</p>`;
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;';
  assert.equal(html, `<p title="${escaped}">${escaped}</p>`);
});

test('markup within markup stays, lists are joined, and absent values are omitted', () => {
  const items = ['a', '<b>'].map((item) => markup`<li>${item}</li>`);
  assert.equal(
    markup`<ul>${items}${undefined}${false}${1}</ul>`.html,
    '<ul><li>a</li><li>&lt;b&gt;</li>1</ul>',
  );
  assert.equal(markup`${trusted('<svg/>')}`.html, '<svg/>');
});
