import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { investigationReporters, reporters } from '../report/outputs.ts';
import { options, report } from '../report/build.ts';
import { cases } from '../report/cases.ts';
import { hostile } from '../report/hostile.ts';
import { compared, commit, investigation, version } from '../report/html/incident.ts';
import { column, useBrowser } from './browser.ts';

const open = useBrowser();

const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u001b[31m\u0000\' &lt;';
const evilHistory = investigation({
  artifact: {
    ...hostile,
    cause: { ...investigation().artifact!.cause!, subject: evil, author: evil },
  },
  timeline: [
    version(2, 20, {
      versionId: evil,
      current: true,
      claim: { ...version(1, 1).claim!, commit: evil },
    }),
    commit(1, 10, { author: evil, subject: evil, path: evil }),
  ],
  slice: {
    ...investigation().slice!,
    scope: [[evil, [evil]]],
    diff: `-${evil}\n+<b>${evil}`,
    blame: [
      { line: 2, commit: 'abc', author: evil, subject: evil, at: '2026-01-01T00:00:00.000Z' },
    ],
  },
});
const many = cases['many-artifacts']!.report;
const longOwners = {
  ...many,
  artifacts: many.artifacts.map((one, at) => {
    return { ...one, owner: `team-${at}-of-the-data-platform-on-call@example.org` };
  }),
};
const pages: Readonly<Record<string, () => Iterable<string>>> = {
  audit: () => reporters.html(cases['many-artifacts']!.report, options),
  'long owners': () => reporters.html(longOwners, options),
  lint: () => reporters.html(cases['lint-change']!.report, options),
  error: () => reporters.html(cases['contract-error']!.report, options),
  hostile: () => reporters.html(report([hostile]), options),
  investigation: () => investigationReporters.html(compared(), options),
  'hostile investigation': () => investigationReporters.html(evilHistory, options),
};

describe.each(Object.entries(pages))('%s', (name, tell) => {
  test('is as wide as a phone of 320 px, also with rows and a story open', async () => {
    const page = await open(tell(), { viewport: { width: 320, height: 640 } });
    expect(await overflow(page)).toBe(0);
    const openers = page.locator('.findings .opener');
    for (let at = 0; at < Math.min(8, await openers.count()); at += 1)
      await openers.nth(at).click();
    const keys = page.locator('.findings .key');
    if ((await keys.count()) > 0) await keys.first().click();
    expect(await overflow(page)).toBe(0);
  });

  test.each([320, 600, 768, 1100, 1280, 1920])(
    'cuts no column at %d px, but of what strangers made long',
    async (width) => {
      const page = await open(tell(), { viewport: { width, height: 900 } });
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('.frame')]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ textContent }) => textContent),
      );
      if (!name.includes('hostile')) expect(cut).toEqual([]);
      expect(await overflow(page)).toBe(0);
    },
  );

  test.each(['light', 'dark'] as const)('has readable text in %s', async (colorScheme) => {
    const page = await open(tell(), { colorScheme });
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(luminance(ground) > 0.5).toBe(colorScheme === 'light');
    const pairs = await texts(page);
    expect(pairs.length).toBeGreaterThan(3);
    const weak = pairs.filter(({ color, ground: behind }) => contrast(color, behind) < 4.5);
    expect(weak).toEqual([]);
  });

  test('has landmarks, one title, and headings in order', async () => {
    const page = await open(tell());
    expect(await page.locator('header, main, footer').count()).toBe(3);
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map((heading) => Number(heading.tagName.slice(1))));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [at, level] of levels.entries()) {
      expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    }
    const nameless = await page
      .locator('button, a, select, input, [role=img], [role=region]')
      .evaluateAll((all) =>
        all
          .filter((element) => {
            const label = element.getAttribute('aria-label') ?? element.textContent;
            const labelled = element instanceof HTMLInputElement && element.labels?.length === 1;
            return label.trim() === '' && !labelled;
          })
          .map((element) => element.outerHTML),
      );
    expect(nameless).toEqual([]);
  });
});

test('hostile text is text: in rows, in a story, in the timeline', async () => {
  const page = await open(pages['hostile investigation']!());
  expect(await page.evaluate(() => document.querySelectorAll('script, img').length)).toBe(2);
  const keys = await column(page, '__proto__');
  expect(keys).toContain('<script>alert(1)</script>');
  expect(keys).toContain(String.raw`"invoice \u202etxt.exe"`);
  expect(keys).toContain(String.raw`"nul\x00byte"`);
  const openers = page.locator('.opener');
  for (let at = 0; at < (await openers.count()); at += 1) await openers.nth(at).click();
  await page.getByRole('button', { name: '<script>alert(1)</script>' }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  for (const mark of await page.locator('.lanes .mark').all()) await mark.focus();
  expect(await page.evaluate(() => document.querySelectorAll('script, img').length)).toBe(2);
  expect(await page.evaluate(() => document.body.innerText)).not.toMatch(
    /(?![\n\t])[\p{Cc}\p{Cf}]/u,
  );
});

test('on paper everything is open, and nothing is a control', async () => {
  const page = await open(pages['investigation']!());
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const findings = page.locator('.findings').first();
  expect(await findings.locator('.below').count()).toBe(8);
  expect(await page.locator('#events tbody tr').count()).toBe(16);
  expect(await page.locator('.filters:visible, .pager button:visible').count()).toBe(0);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
    'rgb(255, 255, 255)',
  );
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  expect(await findings.locator('.below').count()).toBe(0);
});

test('printing itself opens the rows', async () => {
  const page = await open(pages['investigation']!());
  await page.evaluate(() => {
    addEventListener('beforeprint', () => {
      document.title = `${document.querySelectorAll('.below').length} open`;
    });
  });
  await page.pdf();
  expect(await page.title()).toBe('11 open');
});

test('who wants no motion gets none', async () => {
  const page = await open(pages['audit']!(), { reducedMotion: 'reduce' });
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe(
    'auto',
  );
});

test('focus is seen', async () => {
  const page = await open(pages['investigation']!());
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null) return '';
    const hit = element.querySelector('.hit');
    return hit === null ? getComputedStyle(element).outlineStyle : getComputedStyle(hit).stroke;
  });
  expect(outline).not.toMatch(/^$|^none$/);
});

/** Columns that the page scrolls sideways. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** The colours of every text that is seen, and of what is behind it. */
function texts(page: Page): Promise<{ text: string; color: string; ground: string }[]> {
  return page.evaluate(() => {
    const found = new Map<string, { text: string; color: string; ground: string }>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (text === '' || element === null || !element.checkVisibility()) continue;
      if (element.closest('script, svg, button:disabled') !== null) continue;
      let behind: Element | null = element;
      const isClear = (one: Element): boolean =>
        getComputedStyle(one).backgroundColor === 'rgba(0, 0, 0, 0)';
      while (behind !== null && isClear(behind)) behind = behind.parentElement;
      const { color } = getComputedStyle(element);
      const ground = getComputedStyle(behind ?? document.body).backgroundColor;
      found.set(`${color} ${ground}`, { text, color, ground });
    }
    return [...found.values()];
  });
}

/** WCAG 2: relative luminance of `rgb(r, g, b)`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
