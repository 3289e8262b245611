// `npm run decode`: what people are shown of packets, whole, cut short and malformed. The bytes are the standard's figures.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lower } from '../generator/lower.ts'
import { readPackets } from '../generator/packets.ts'
import { Problems, Source } from '../generator/source.ts'
import { root } from './support/targets.ts'
import { loadVectors } from './support/vectors.ts'
import { explain } from './tools/explain.ts'

const decode = (words: string[], input = '') => {
  const command = ['--import', 'tsx', join(root, 'test/tools/decode.ts'), ...words]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, input, encoding: 'utf8' })
  return { status, stdout, stderr, lines: stdout.split('\n') }
}

describe('npm run decode', { timeout: 30_000 }, () => {
  it('shows each field with its place, bytes, bits, value and clause', () => {
    const { status, stdout } = decode(['3206000174000178'])
    expect(status).toBe(0)
    expect(stdout).toBe(`PUBLISH  8 bytes, MQTT 3.1.1. An application message on its way to the server, or from it.

  byte  hex          field             value            clause
     0  32 0011....  type              3 PUBLISH        U-1
           ....0...  dup               0
           .....01.  qos               1 at_least_once  MQTT-3.3.1-4
           .......0  retain            0
     1  06           remaining length  6                U-2.2.3-a
     2  00 01 74     topic             "t" (1 byte)     MQTT-3.3.2-1
     5  00 01        packet_id         1                MQTT-2.3.1-1
     7  78           payload           "x" (1 byte)
`)
  })

  it('takes several packets in a row, from a pipe too, as people copy them', () => {
    const { status, lines } = decode([], '0x40, 0x02, 0x00, 0x0A\nd0:00\n')
    expect(status).toBe(0)
    expect(lines.filter((line) => /^\w/.test(line)).map((line) => line.split('  ')[0])).toEqual(['PUBACK', 'PINGRESP'])
    expect(lines).toContain('     4  d0 1101....  type              13 PINGRESP  U-1')
  })

  it('shows everything up to a mistake, then the mistake, its clause and its place', () => {
    const { status, lines } = decode(['d000', '82 06 000a 0001 61 07', '4002'])
    expect(status).toBe(1)
    expect(lines).toContain('     4  00 0a        packet_id                   10            MQTT-2.3.1-1')
    expect(lines.at(-3)).toBe('error: reserved_bits at byte 9 (MQTT-3-8.3-4)')
    expect(lines.at(-2)).toMatch(/^ {2}MQTT-3-8\.3-4: /)
    expect(lines.filter((line) => line.startsWith('PUBACK'))).toEqual([])
  })

  it('says where bytes are missing', () => {
    const { status, lines } = decode(['40 02 00'])
    expect(status).toBe(1)
    expect(lines).toContain('error: incomplete at byte 3')
  })

  it('knows both versions, and finds the one that fits', () => {
    const old = '10 0f 0006 4d5149736470 03 02 003c 0001 61'
    expect(decode([old]).lines[0]).toMatch(/^CONNECT {2}17 bytes, MQTT 3\.1\./)
    const { status, lines } = decode(['--version', '4', old])
    expect(status).toBe(1)
    expect(lines).toContain('error: protocol_name at byte 2 (MQTT-3.1.2-1)')
  })

  it('has no colour in a pipe, and says what is no hex', () => {
    expect(decode(['c000']).stdout).not.toContain('\u001b')
    expect(decode(['c0g0'])).toMatchObject({ status: 1, stderr: "error: 'g' is no hex digit\n" })
    expect(decode(['c00'])).toMatchObject({ status: 1, stderr: 'error: the last byte has only one digit\n' })
    expect(decode(['--version', '5', 'c000']).stderr).toContain('there are 3 and 4')
  })

  it('accounts for every byte of every vector', () => {
    const problems = new Problems()
    const codec = lower(readPackets(Source.read(join(root, 'spec/packets.yaml'), root).root, problems), problems)!
    for (const { kind, bytes, versions, name } of loadVectors()) {
      if (kind !== 'both' && kind !== 'decode') continue
      if (bytes.includes('@')) continue
      const all = Buffer.from(bytes, 'hex')
      const [packet] = explain(all, versions[0], codec)
      const covered = new Set(packet.rows.flatMap((r) => Array.from(r.bytes, (_, i) => r.at + i)))
      expect(covered.size, name).toBe(all.length)
      expect(
        packet.rows.map((r) => r.field),
        name,
      ).not.toContain('after the last field')
      expect(packet.error, name).toBeUndefined()
    }
  })
})
