import { createHash } from 'node:crypto';
import { markup, type Markup } from './markup.ts';
import { pageScript, pageStyle } from './page-bundle.ts';

/**
 * A whole page, in chunks: nothing of it comes from elsewhere, and its policy lets nothing run or
 * style it but what stands in it. `island` is an element of data, which the script reads.
 */
export function* documentChunks(
  title: string,
  parts: Iterable<Markup>,
  island: Iterable<string>,
): Iterable<string> {
  yield markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${securityPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
`.html;
  yield `<style>${pageStyle}</style>\n</head>\n<body>\n`;
  for (const { html } of parts) yield html;
  yield* island;
  yield `<script>${pageScript}</script>\n</body>\n</html>\n`;
}

/** Nothing but the page's own script and style; an empty icon keeps a browser from asking for one. */
function securityPolicy(): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(pageScript)}'`,
    `style-src '${hashOf(pageStyle)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
