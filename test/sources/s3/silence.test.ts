import { expect, test, vi } from 'vitest';
import { readAll } from '../port-suite.ts';
import { at, setStage } from './fixture.ts';

const stage = setStage();

// In a file of its own: the SDK warns once in a process, when its first client is made.
test('nothing is written to the console, no warning is raised, no variable is left', async () => {
  const written = [
    vi.spyOn(process, 'emitWarning'),
    ...(['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name)),
  ];
  stage.put('a.csv', 'a\n1\n');
  const source = stage.open();
  await Promise.all(
    Array.from({ length: 30 }, async () => await readAll(await source.pin(at('a.csv')))),
  );
  await source.close();
  for (const spy of written) expect(spy).not.toHaveBeenCalled();
  expect(process.env).not.toHaveProperty('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED');
});
