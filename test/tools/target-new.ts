// `npm run target:new -- <name>`: a folder for a new language, from targets/_template. What to do in it stands in its README.md.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, targetNames } from '../../generator/files.ts'

const root = join(import.meta.dirname, '../..')
const fail = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const [name, ...more] = process.argv.slice(2)
if (name === undefined || more.length > 0) fail('usage: npm run target:new -- <name>')
if (!/^[a-z][a-z0-9-]*$/.test(name)) fail(`error: '${name}' is no name for a target: lower-case letters, digits and hyphens`)
const folder = join(root, 'targets', name)
if (existsSync(folder)) fail(`error: there is a target '${name}' already; the targets are ${targetNames(root).join(', ')}`)

cpSync(join(root, 'targets/_template'), folder, { recursive: true })
for (const path of listFiles(folder)) writeFileSync(path, readFileSync(path, 'utf8').replaceAll('__NAME__', name))
console.log(`targets/${name}/ is made. Its README.md leads through it; the first step:

  npm run generate -- --target ${name}

and look at generated/${name}/codec.txt.`)
