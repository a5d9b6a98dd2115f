import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/** Opens a page's text as the file it is; resolves when its script has done its work. */
export type Open = (chunks: Iterable<string>, options?: BrowserContextOptions) => Promise<Page>;

/**
 * A browser for the tests of a file. After each test it is asserted that its pages broke no policy,
 * wrote nothing to the console, opened no dialog and asked for nothing.
 */
export function useBrowser(): Open {
  let browser: Browser;
  let directory: string;
  let count = 0;
  const complaints: string[] = [];

  beforeAll(async () => {
    const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    browser = await chromium.launch({ executablePath, args: flags() });
    directory = await mkdtemp(join(tmpdir(), 'keydrift-browser-'));
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true });
  });

  return async (chunks, options = {}) => {
    count += 1;
    const file = join(directory, `${count}.html`);
    await writeFile(file, [...chunks].join(''));
    const address = pathToFileURL(file).href;
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && request.url() !== 'data:,') {
        complaints.push(`request: ${request.url()}`);
      }
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`policy: ${violatedDirective} ${blockedURI}`);
      });
    });
    await page.goto(address);
    if (options.javaScriptEnabled !== false) {
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
    }
    return page;
  };
}

function flags(): string[] {
  return [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

/** What a column of the page's first table of findings shows, row by row. */
export function column(page: Page, head: string): Promise<string[]> {
  return page.evaluate((wanted) => {
    const table = document.querySelector('.findings table');
    const heads = [...(table?.querySelectorAll('thead th') ?? [])];
    const at = heads.findIndex((one) => one.textContent === wanted);
    const rows = [...(table?.querySelectorAll(':scope > tbody > tr:not(.below)') ?? [])];
    return rows.map((row) => row.children[at]?.textContent ?? '(no such column)');
  }, head);
}
