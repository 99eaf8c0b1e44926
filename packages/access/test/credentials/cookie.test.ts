// Cookies: which value counts, and which cookies are ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieValue, isOwnCookie, withoutOwnCookies } from '../../src/credentials/cookie.ts';

test('finds the value of one cookie among others', () => {
  assert.equal(cookieValue('theme=dark; __Host-gatehouse=abc;lang=en', '__Host-gatehouse'), 'abc');
  assert.equal(cookieValue('__Host-gatehouse-state=x', '__Host-gatehouse'), undefined);
  assert.equal(cookieValue('', '__Host-gatehouse'), undefined);
});

test('a repeated cookie is ignored, because the server must not guess which one the browser set', () => {
  assert.equal(cookieValue('__Host-gatehouse=a; __Host-gatehouse=b', '__Host-gatehouse'), undefined);
});

test('another cookie cannot contain ours in its value', () => {
  const planted = 'theme=a,__Host-gatehouse=evil';
  assert.equal(cookieValue(planted, '__Host-gatehouse'), undefined);
  assert.equal(cookieValue('x="__Host-gatehouse=evil"', '__Host-gatehouse'), undefined);
});

test('our cookies are removed, and the others are not changed', () => {
  const cookies = 'a=1; __Host-gatehouse=s; b="x y"; __Host-gatehouse-state=t; __host-GATEHOUSE-session=u';
  assert.equal(withoutOwnCookies(cookies), 'a=1; b="x y"');
  const atControl =
    '__Host-gatehouse-oauth=s; c=3; __Secure-gatehouse-interaction=t; __secure-Gatehouse-resume.sig=u';
  assert.equal(withoutOwnCookies(atControl), 'c=3', 'both listeners may have one host');
  assert.equal(withoutOwnCookies('a=1;b=2'), 'a=1;b=2');
  assert.equal(withoutOwnCookies('__Host-gatehouse=s'), undefined);
});

test('recognises an attempt to set one of our cookies', () => {
  assert.equal(isOwnCookie('__Host-gatehouse=evil; Path=/'), true);
  assert.equal(isOwnCookie(' __HOST-gatehouse-session=evil'), true);
  assert.equal(isOwnCookie('__Secure-gatehouse-interaction=evil; Path=/oauth/interaction/x'), true);
  assert.equal(isOwnCookie('=__Host-gatehouse=evil; Path=/'), true, 'without a name of its own');
  assert.equal(isOwnCookie('session=1'), false);
});
