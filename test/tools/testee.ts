// `npm run --silent testee -- <target>[:profile]`: builds a target's testee quietly and puts it on this terminal or pipe.
// The protocol is in targets/TESTEE.md; the commands come from support/targets.ts.
import { spawn } from 'node:child_process'
import { root, testeeCommand, testeeTargets } from '../support/targets.ts'

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

const usage = () => `usage: npm run --silent testee -- <${testeeTargets().join(' | ') || 'target'}>[:profile]`

const [name, ...extra] = process.argv.slice(2)
if (name === undefined || extra.length > 0) fail(usage())

const command = await testeeCommand(name).catch((error: Error) => fail(error.message))
const child = spawn(command[0], command.slice(1), { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('error', (error) => fail(`${command.join(' ')}: ${error.message}`))
child.on('exit', (code) => process.exit(code ?? 1))
