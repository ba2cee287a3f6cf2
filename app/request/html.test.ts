import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, scriptValue } from './html.ts';

test('M8: text cannot become markup or end an attribute', () => {
  assert.equal(escapeHtml(`<b a="1" c='2'>&`), '&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;');
});

test('M8: a value cannot end its script and is read back as it was', () => {
  const hostile = '</script><!--<script>\u2028&"\'\\';
  const written = scriptValue(hostile);
  assert.doesNotMatch(written, /[<>&\u2028]/);
  assert.equal(JSON.parse(written), hostile);
});
