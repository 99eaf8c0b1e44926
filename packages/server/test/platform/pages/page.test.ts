// The parts of every page.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { markup } from '../../../src/platform/pages/markup.ts';
import { page, seeOther } from '../../../src/platform/pages/page.ts';

const answer = page({ title: 'A <title>', body: markup`<h1>Hello</h1>` });
const text = String(answer.body);
const directives = new Map(
  String(answer.headers['content-security-policy'])
    .split('; ')
    .map((directive) => [directive.split(' ')[0], directive]),
);

test('the browser may run and load only our own files (CSP Level 3)', () => {
  assert.equal(directives.get('default-src'), "default-src 'none'");
  assert.equal(directives.get('script-src'), "script-src 'self'");
  assert.equal(directives.get('frame-ancestors'), "frame-ancestors 'none'");
  assert.equal(directives.get('base-uri'), "base-uri 'none'");
  assert.equal(directives.get('form-action'), "form-action 'self'");
  assert.doesNotMatch(String(answer.headers['content-security-policy']), /unsafe|\*/);
});

test('the style is allowed by its hash, and there is no other style and no script in the page', () => {
  const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  assert.equal(directives.get('style-src'), `style-src 'sha256-${hash}'`);
  assert.doesNotMatch(text, /<script(?! src)| style=| on[a-z]+=/);
});

test('no cache stores it, and no other site learns its address', () => {
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['referrer-policy'], 'same-origin');
});

test('it names its language, its title and the colours of light and dark', () => {
  assert.match(text, /^<!doctype html>\n<html lang="en">/);
  assert.match(text, /<title>A &lt;title&gt; – Gatehouse<\/title>/);
  assert.match(text, /prefers-color-scheme:dark/);
});

test('the answer to a form may redirect to a host that the page names', () => {
  const { headers } = page({ title: 'x', body: markup``, formTargets: ['https://gw.example'] });
  assert.match(String(headers['content-security-policy']), /form-action 'self' https:\/\/gw\.example;/);
});

test('redirects with 303, which no cache stores', () => {
  const { status, headers } = seeOther('/account', { 'set-cookie': 'a=b' });
  assert.deepEqual([status, headers.location, headers['cache-control']], [303, '/account', 'no-store']);
});

/** The relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const whole = colour.length === 4 ? colour.replace(/[\da-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(whole.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test('text and fields have enough contrast, in light and in dark (WCAG 2.2 §1.4.3, §1.4.11)', () => {
  const schemes = [...text.matchAll(/:root\{([^}]*)\}/g)].map(([, list = '']) =>
    Object.fromEntries(
      [...list.matchAll(/--([\w-]+):(#[\da-f]+)/g)].map(([, name, colour]) => [name, colour]),
    ),
  );
  assert.equal(schemes.length, 2);
  const pairs: [string, string, number][] = [
    ['text', 'ground', 4.5],
    ['text', 'card', 4.5],
    ['soft', 'ground', 4.5],
    ['soft', 'card', 4.5],
    ['accent', 'card', 4.5],
    ['accent', 'ground', 4.5],
    ['on-accent', 'accent', 4.5],
    ['on-accent', 'accent-strong', 4.5],
    ['bad', 'card', 4.5],
    ['bad', 'bad-ground', 4.5],
    ['text', 'bad-ground', 4.5],
    ['text', 'good-ground', 4.5],
    ['good', 'card', 4.5],
    ['edge', 'card', 3],
    ['focus', 'card', 3],
    ['focus', 'ground', 3],
  ];
  for (const scheme of schemes) {
    for (const [one, other, least] of pairs) {
      const found = contrast(scheme[one] ?? '', scheme[other] ?? '');
      assert.ok(found >= least, `${one} on ${other}: ${found.toFixed(2)}`);
    }
  }
});
