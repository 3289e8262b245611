// What is handed to users of the MicroPython client: the names and signatures of the umqtt document, the type stub beside them, and the
// manifests by which boards and pip install it.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { skipOrFail } from './support/missing.ts'
import { generatedPython, pythonHosts, runPython } from './support/python.ts'
import { root } from './support/targets.ts'

vi.setConfig({ testTimeout: 120_000 })

interface Api {
  parameters: Record<string, { ours?: boolean; internal?: boolean; default?: unknown; embedded?: number; type: string }>
  methods: Record<string, { parameters: Record<string, { default?: unknown }> }>
}
const api = parse(readFileSync(join(root, 'spec/client.yaml'), 'utf8')) as Api

const SIGNATURES = `
import ast, inspect, json
from umqtt_haas import MQTTClient
names = lambda f: [p for p in inspect.signature(f).parameters if p != "self"]
with open(${JSON.stringify(join(generatedPython, 'umqtt_haas/__init__.pyi'))}) as file:
    tree = ast.parse(file.read())
stub = {}
for node in ast.walk(tree):
    if isinstance(node, ast.ClassDef) and node.name == "MQTTClient":
        for f in node.body:
            a = f.args
            stub[f.name] = [x.arg for x in a.args[1:] + a.kwonlyargs], bool(ast.get_docstring(f))
public = [n for n in dir(MQTTClient) if not n.startswith("_") and callable(getattr(MQTTClient, n))]
options = {n: getattr(MQTTClient, n) for n in dir(MQTTClient) if not n.startswith("_") and n not in public}
print(json.dumps({"client": {n: names(getattr(MQTTClient, n)) for n in public + ["__init__"]}, "stub": stub, "options": options}))
`

it("has the document's methods with its parameters, and a stub that says the same", async () => {
  const { out, err } = await runPython('cpython', SIGNATURES)
  expect(err).toBe('')
  const { client, stub, options } = JSON.parse(out[0]!) as {
    client: Record<string, string[]>
    stub: Record<string, [string[], boolean]>
    options: Record<string, unknown>
  }
  const parameters = Object.entries(api.parameters)
  const theirs = parameters.filter(([, p]) => !p.ours).map(([name]) => name)
  const ours = parameters.filter(([, p]) => p.ours && !p.internal)
  expect(client.__init__).toEqual([...theirs, 'options'])
  expect(stub.__init__).toEqual([[...theirs, ...ours.map(([name]) => name)], true])
  for (const [name, p] of ours) expect([name, options[name]]).toEqual([name, p.embedded ?? p.default])
  const { __init__, ...methods } = client
  expect(Object.keys(methods).sort()).toEqual(Object.keys(api.methods).sort())
  for (const [name, { parameters: wanted }] of Object.entries(api.methods)) {
    expect(methods[name]!.slice(0, Object.keys(wanted).length), name).toEqual(Object.keys(wanted))
    expect(stub[name], name).toEqual([methods[name], true])
  }
})

it.each(pythonHosts)('is imported by each of its names on %s', async (host) => {
  const { out, err } = await runPython(
    host,
    `import umqtt, umqtt.simple, umqtt_haas
print(umqtt.MQTTClient is umqtt.simple.MQTTClient is umqtt_haas.MQTTClient, issubclass(umqtt_haas.MQTTException, OSError))`,
  )
  expect([out, err]).toEqual([['True True'], ''])
})

it('lists every module for mip, and nothing else', () => {
  const { urls, version } = JSON.parse(readFileSync(join(generatedPython, 'package.json'), 'utf8')) as {
    urls: [string, string][]
    version: string
  }
  expect(version).toBe((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
  for (const [to, from] of urls) expect([to, existsSync(join(generatedPython, from))]).toEqual([from, true])
  const imported = urls.flatMap(([, from]) =>
    [...readFileSync(join(generatedPython, from), 'utf8').matchAll(/^from \.(\w+) import/gm)].map(([, name]) => `umqtt_haas/${name}.py`),
  )
  expect(imported.filter((file) => !urls.some(([to]) => to === file))).toEqual([])
})

const python = join(root, '.venv/bin/python')
it('is built by setuptools as two pure packages', (test) => {
  if (!existsSync(python)) {
    skipOrFail('setuptools not installed: npm run setup:boards')
    test.skip()
  }
  const folder = mkdtempSync(join(tmpdir(), 'umqtt-setuptools-'))
  try {
    cpSync(generatedPython, join(folder, 'source'), { recursive: true })
    const build = ['-W', 'ignore', '-c', 'import setuptools; setuptools.setup()', '-q', 'build', '-b', join(folder, 'built')]
    execFileSync(python, build, { cwd: join(folder, 'source'), stdio: 'pipe', timeout: 100_000 })
    const files = readdirSync(join(folder, 'built/lib'), { recursive: true }).map(String)
    const wanted = ['umqtt/simple.py', 'umqtt_haas/client.py', 'umqtt_haas/__init__.pyi', 'umqtt_haas/py.typed']
    expect(wanted.filter((file) => !files.includes(file))).toEqual([])
    expect(files.filter((file) => !file.startsWith('umqtt'))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
