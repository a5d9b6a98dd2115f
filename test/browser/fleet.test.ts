import { expect, test } from 'vitest';
import type { ArtifactReport, Report } from '../../src/model/index.ts';
import {
  artifact,
  fault,
  finding,
  inSync,
  key,
  options,
  participant,
  report,
  row,
} from '../report/build.ts';
import { reporters } from '../report/outputs.ts';
import { column, useBrowser } from './browser.ts';

const open = useBrowser();

/** A fleet of which three in a hundred drifted, and one in a hundred has no verdict. */
function fleet(number: number): Report {
  const artifacts = Array.from({ length: number }, (_, at): ArtifactReport => {
    const name = `lookups.n${String(at).padStart(4, '0')}`;
    const owner = at % 2 === 0 ? 'blue' : 'red <b>';
    const labels = new Map([['tier', String(at % 3)]]);
    if (at % 33 === 1) {
      const one = finding('added', 'runtime', [row('runtime', 2, participant('P-1'))], {
        key: key('P-1'),
      });
      const steps = [
        { kind: 'publish', text: 'Publish it.', commands: [`keydrift publish ${name}`] },
      ] as const;
      return artifact({ name, owner, labels, findings: [one], whatToDo: steps });
    }
    if (at % 100 === 7) {
      const unread = { verdict: 'indeterminate', state: 'indeterminate', runtime: null } as const;
      const over = { ...unread, error: fault() };
      return artifact({ name, owner, labels, ...over });
    }
    return inSync(name, { owner, labels });
  });
  return report(artifacts);
}

test('a fleet of 2,000 is one table of pages, worst first, and little else', async () => {
  const text = [...reporters.html(fleet(2000), options)].join('');
  expect(text.length).toBeLessThan(3_000_000);
  const page = await open([text]);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3000);
  const verdicts = await column(page, 'verdict');
  expect(verdicts).toHaveLength(50);
  expect(new Set(verdicts)).toEqual(new Set(['DRIFTED']));
  expect(await page.locator('.figures').textContent()).toContain('drifted61');
});

test('it is searched, filtered and sorted', async () => {
  const page = await open(reporters.html(fleet(200), options));
  await page.getByLabel('Search artifacts').fill('N0034');
  expect(await column(page, 'artifact')).toEqual(['lookups.n0034']);
  await page.getByLabel('Search artifacts').fill('');
  await page.getByLabel('Owner').selectOption('red <b>');
  await page.getByLabel('Verdict').selectOption('DRIFTED');
  expect(await column(page, 'artifact')).toEqual([
    'lookups.n0001',
    'lookups.n0067',
    'lookups.n0133',
    'lookups.n0199',
  ]);
  await page.getByLabel('Label tier').selectOption('1');
  expect(await page.locator('.shown').textContent()).toBe('4 of 200 artifacts');
  await page.getByRole('button', { name: 'artifact', exact: true }).click();
  await page.getByRole('button', { name: 'artifact', exact: true }).click();
  expect((await column(page, 'artifact'))[0]).toBe('lookups.n0199');
  // What nobody could read is not told to have none.
  await page.getByLabel('Label tier').selectOption('all');
  await page.getByLabel('Verdict').selectOption('NO VERDICT');
  expect(await column(page, 'redundant')).toEqual(['', '']);
});

test('by the keyboard alone a row opens its findings, and its command is copied', async () => {
  const page = await open(reporters.html(fleet(200), options), {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const opener = page.locator('.opener').first();
  await opener.focus();
  await page.keyboard.press('Enter');
  const told = page.locator('.told');
  expect(await told.locator('.findings .kind').first().textContent()).toBe('added');
  expect(await told.locator('.command code').textContent()).toBe('keydrift publish lookups.n0001');
  await page.getByRole('button', { name: /^Copy/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'keydrift publish lookups.n0001',
  );
  await opener.press('Enter');
  expect(await told.count()).toBe(0);
});

test('at 320 px nothing but a table scrolls sideways, and paper has every row', async () => {
  const page = await open(reporters.html(fleet(200), options), {
    viewport: { width: 320, height: 640 },
  });
  await page.locator('.opener').first().click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  // What is opened is read without scrolling the table.
  const ends = await page
    .locator('.told > *')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
  expect(ends.length).toBeGreaterThan(1);
  expect(Math.max(...ends)).toBeLessThanOrEqual(320);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  expect(await column(page, 'artifact')).toHaveLength(200);
});
