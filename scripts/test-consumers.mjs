// Reads the outputs with programs of PyPI that read such files elsewhere: Prometheus's own client
// (OpenMetrics, strictly), a JUnit reader; and imports the recipes for Airflow with Airflow itself.
// Exit codes: 0 passed, 1 failed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const readers = `
import sys
from junitparser import JUnitXml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

text = open(sys.argv[1], encoding="utf-8").read()
for parse in (openmetrics, prometheus):
    families = {family.name: family for family in parse(text)}
    drifted = [s for s in families["keydrift_artifact_verdict"].samples if s.labels["verdict"] == "drifted"]
    assert [(s.labels["artifact"], s.value) for s in drifted] == [("p", 1.0), ("q", 0.0)], drifted
    info = families["keydrift_artifact_info"].samples[0].labels
    assert info["owner"] == 'a "b" \\\\ <c>', info
    assert {"label_a_b", "label_a_b_2"} <= set(info), info
xml = JUnitXml.fromfile(sys.argv[2])
suites = {suite.name: suite for suite in xml}
assert set(suites) == {"p", "q"}, suites
assert suites["p"].failures > 1 and suites["q"].failures == 0, suites
print("passed: Prometheus's client, as OpenMetrics and as its text format; junitparser")
`;

const imports = `
import importlib.util, sys

spec = importlib.util.spec_from_file_location("recipe", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from airflow.sdk.exceptions import AirflowFailException
if hasattr(module, "gated"):
    class Done:
        def __init__(self, code):
            self.returncode = code
    for code, wanted in ((0, None), (121, AirflowFailException), (122, AirflowFailException), (125, RuntimeError), (7, RuntimeError)):
        module.subprocess.run = lambda *a, **k: Done(code)
        try:
            module.gated("true")
            found = None
        except Exception as error:
            found = type(error)
        assert found is wanted, (code, found)
    assert module.nightly().dag_id == "nightly"
print("passed: a recipe of Airflow", __import__("airflow").__version__)
`;

const work = mkdtempSync(join(tmpdir(), 'keydrift-consumers-'));
try {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const python = environment('outputs', ['prometheus_client', 'junitparser']);
  const files = outputs();
  console.log(run(python, readers, files));
  const airflow = environment('airflow', ['apache-airflow>=3,<4']);
  for (const [at, source] of recipes().entries()) {
    const file = join(work, `recipe_${at}.py`);
    writeFileSync(file, source);
    console.log(run(airflow, imports, [file]));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** A Python of its own, with packages of PyPI. */
function environment(name, packages) {
  const home = join(work, name);
  execFileSync('python3', ['-m', 'venv', home]);
  const words = ['install', '--quiet', '--disable-pip-version-check', ...packages];
  execFileSync(join(home, 'bin/pip'), words, { stdio: 'inherit' });
  return join(home, 'bin/python');
}

/** Drift of two artifacts, whose names and values are hostile, in the outputs that are tried. */
function outputs() {
  writeFileSync(join(work, 'r.csv'), 'id,mode\nP-1,full\n');
  writeFileSync(join(work, 'd.csv'), 'id,mode\nP-1,full\nP-1,full\n"<&"" \\ é\t","x\n"\n');
  writeFileSync(
    join(work, 'keydrift.yaml'),
    'version: 1\ndefaults: {owner: "a \\"b\\" \\\\ <c>", labels: {"a-b": "1\\n2", a_b: "3"}}\n' +
      'artifacts:\n  p: {reviewed: "file:r.csv", runtime: "d.csv", key: [id]}\n  q: {reviewed: "file:r.csv", runtime: "r.csv", key: [id]}\n',
  );
  const files = [join(work, 'told.prom'), join(work, 'told.xml')];
  const words = ['audit', '--no-cause', '-o', `openmetrics:${files[0]}`, '-o', `junit:${files[1]}`];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('dist/keydrift.cjs'), ...words],
    { cwd: work, encoding: 'utf8' },
  );
  assert.equal(status, 1, stdout + stderr);
  return files;
}

/** The Python of the recipe's page. */
function recipes() {
  const page = readFileSync('docs/recipes/airflow.md', 'utf8');
  return [...page.matchAll(/^```python\n([^]*?)^```$/gm)].map(([, source]) => source);
}

function run(python, script, words) {
  const env = { PATH: process.env.PATH, HOME: work, AIRFLOW_HOME: join(work, 'airflow-home') };
  return execFileSync(python, ['-c', script, ...words], {
    cwd: work,
    env,
    encoding: 'utf8',
  }).trim();
}
