// The line protocol itself, on every target: how values are written, what is answered to a request that is none, and the
// page's own examples. What packets and sessions do in detail is shown by the vectors and the scenarios.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasSession, stepsOf } from './support/scenarios.ts'
import { root, testeeCommand, testeeTargets } from './support/targets.ts'
import { startTestee, type Testee } from './support/testee.ts'

const x = (bytes: number) => '78'.repeat(bytes)

const PACKETS: Record<string, string> = {
  'the examples of the page': `
    > decode 4 9003000a80
    ok SUBACK packet_id=10 return_codes=128
    > decode 4 9003000a03
    error bad_return_code 4
    > encode 4 PUBLISH qos=1 topic=74 packet_id=1 payload=78
    ok 3206000174000178
    > encode 4 PUBLISH topic=2b payload=
    error topic_wildcard`,
  'fields are printed in their order and taken in any': `
    > decode 4 3b06000174000178
    ok PUBLISH dup=1 qos=1 retain=1 topic=74 packet_id=1 payload=78
    > decode 4 3003000174
    ok PUBLISH dup=0 qos=0 retain=0 topic=74 payload=
    > encode 4 PUBLISH payload=78 packet_id=1 topic=74 retain=1 qos=1 dup=1
    ok 3b06000174000178
    > decode 4 102100044d51545404f4001e00056465762d310003772f740003627965000175000170
    ok CONNECT client_id=6465762d31 keep_alive=30 clean_session=0 will.topic=772f74 will.message=627965 will.qos=2 will.retain=1 username=75 password=70
    > encode 4 CONNECT password=70 username=75 will.retain=1 will.qos=2 will.message=627965 will.topic=772f74 clean_session=0 keep_alive=30 client_id=6465762d31
    ok 102100044d51545404f4001e00056465762d310003772f740003627965000175000170`,
  'an absent field is left out, an empty text is name=': `
    > decode 4 100e00044d5154540402003c00026331
    ok CONNECT client_id=6331 keep_alive=60 clean_session=1
    > decode 4 100e00044d5154540482000000000000
    ok CONNECT client_id= keep_alive=0 clean_session=1 username=
    > encode 4 CONNECT client_id= keep_alive=0 clean_session=1 username=
    ok 100e00044d5154540482000000000000`,
  'packets with an id or nothing': `
    > decode 4 40020001
    ok PUBACK packet_id=1
    > decode 4 5002ffff
    ok PUBREC packet_id=65535
    > decode 4 62020001
    ok PUBREL packet_id=1
    > decode 4 70020001
    ok PUBCOMP packet_id=1
    > decode 4 b0020001
    ok UNSUBACK packet_id=1
    > decode 4 c000
    ok PINGREQ
    > decode 4 d000
    ok PINGRESP
    > decode 4 e000
    ok DISCONNECT
    > encode 4 DISCONNECT
    ok e000`,
  'lists by comma, nested values by colon': `
    > decode 4 820c00010003612f620100016300
    ok SUBSCRIBE packet_id=1 subscriptions=612f62:1,63:0
    > encode 4 SUBSCRIBE packet_id=1 subscriptions=612f62:1,63:0
    ok 820c00010003612f620100016300
    > decode 4 a2080001000161000162
    ok UNSUBSCRIBE packet_id=1 topic_filters=61,62
    > encode 4 UNSUBSCRIBE packet_id=1 topic_filters=61,62
    ok a2080001000161000162
    > encode 4 SUBACK packet_id=1 return_codes=0,1,2,128
    ok 9006000100010280`,
  'an empty text inside a list is -, an empty list nothing': `
    > encode 4 SUBSCRIBE packet_id=1 subscriptions=-:0
    error filter_empty
    > encode 4 SUBSCRIBE packet_id=1 subscriptions=
    error no_filters
    > encode 4 UNSUBSCRIBE packet_id=1 topic_filters=61,-
    error filter_empty
    > encode 4 UNSUBSCRIBE packet_id=1 topic_filters=
    error no_filters
    > encode 4 SUBACK packet_id=1 return_codes=
    error no_return_codes`,
  'version 3 has dup on three packets more and no session_present': `
    > decode 3 6a020001
    ok PUBREL dup=1 packet_id=1
    > encode 3 PUBREL packet_id=1
    ok 62020001
    > encode 3 SUBSCRIBE dup=1 packet_id=1 subscriptions=61:0
    ok 8a06000100016100
    > decode 3 aa050001000161
    ok UNSUBSCRIBE dup=1 packet_id=1 topic_filters=61
    > decode 3 2002ff00
    ok CONNACK return_code=0
    > encode 3 CONNACK return_code=5
    ok 20020005
    > encode 3 CONNACK session_present=1 return_code=0
    bad unknown session_present
    > encode 4 PUBREL dup=1 packet_id=1
    bad unknown dup
    > decode 4 20020100
    ok CONNACK session_present=1 return_code=0`,
  'a number that a rule or its width forbids': `
    > encode 4 PUBLISH topic=74 payload= qos=3
    error bad_qos
    > encode 4 PUBACK packet_id=0
    error bad_packet_id
    > encode 4 PUBACK packet_id=65536
    error bad_packet_id
    > encode 4 SUBSCRIBE packet_id=1 subscriptions=61:3
    error bad_qos
    > encode 4 CONNECT client_id=61 keep_alive=65536 clean_session=1
    error bad_keep_alive`,
  'decode takes exactly one packet': `
    > decode 4 90
    error incomplete 1
    > decode 4 9003000a
    error incomplete 4
    > decode 4 9003
    error incomplete 2
    > decode 4 d000d0
    bad more_than_one_packet
    > decode 4 d000d000
    bad more_than_one_packet
    > decode 4 40020001ff
    bad more_than_one_packet
    > decode 4 40020000ff
    error bad_packet_id 2`,
  'the fixed header is judged once its bytes are there': `
    > decode 4 3605
    error bad_qos 0
    > decode 4 30ffffffff
    error remaining_length 4
    > decode 4 30ffffff
    error incomplete 4`,
  'a field missing, unknown or unparsable': `
    > encode 4 PUBACK
    bad missing packet_id
    > encode 4 PUBLISH topic=74
    bad missing payload
    > encode 4 PUBLISH payload=78
    bad missing topic
    > encode 4 CONNECT client_id=61 clean_session=1
    bad missing keep_alive
    > encode 4 PUBLISH topic=74 payload= colour=1
    bad unknown colour
    > encode 4 PINGREQ packet_id=1
    bad unknown packet_id
    > encode 4 PUBLISH topic=7 payload=
    bad value topic
    > encode 4 PUBLISH topic=74 payload=7x
    bad value payload
    > encode 4 PUBLISH topic=74 payload= qos=high
    bad value qos
    > encode 4 SUBSCRIBE packet_id=1 subscriptions=61
    bad value subscriptions
    > encode 4 SUBACK packet_id=1 return_codes=0,x
    bad value return_codes`,
  '@N stands for N bytes 78': `
    > encode 4 PUBLISH topic=74 payload=@3
    ok 3006000174787878
    > encode 4 PUBLISH topic=6162@2 payload=@0
    ok 3006000461627878
    > decode 4 3006000174@3
    ok PUBLISH dup=0 qos=0 retain=0 topic=74 payload=787878`,
  'more than 65,536 bytes are printed as the first 32 and a count': `
    > encode 4 PUBLISH topic=74 payload=@65529
    ok 30fcff03000174${x(65529)}
    > encode 4 PUBLISH topic=74 payload=@65530
    ok 30fdff03000174${x(25)}+65505
    > decode 4 30838004000174@65536
    ok PUBLISH dup=0 qos=0 retain=0 topic=74 payload=${x(65536)}
    > decode 4 30848004000174@65537
    ok PUBLISH dup=0 qos=0 retain=0 topic=74 payload=${x(32)}+65505`,
}

/** Requests that are none: each answer is `bad` and a reason of the target's own. */
const NOT_UNDERSTOOD = [
  'sing',
  '',
  'decode',
  'decode 4 d0x0',
  'decode 4 d00',
  'decode 5 d000',
  'decode four d000',
  'encode 4',
  'encode 4 LETTER',
  'encode 4 PUBLISH topic',
]

const SESSION: Record<string, string> = {
  'the example of the page': `
    > new version=4 client_id=61 keepalive=60
    > call connect clean_session=1
    dial
    status 1
    > open
    send 100d00044d5154540402003c000161
    > recv 20020000
    settle connect ok session_present=0
    status 0
    > call publish topic=74 msg=78 qos=1
    op 1
    send 3206000174000178
    > recv 40020001
    settle 1 ok
    > tick 45000
    send c000
    > drop
    status 1`,
  '@N in calls and in received bytes': `
    > new client_id=61 keepalive=0
    > call connect
    dial
    status 1
    > open
    send 100d00044d51545404020000000161
    > recv 20020000
    settle connect ok session_present=0
    status 0
    > call publish topic=74 msg=@70000
    op 1
    send 30f3a204000174${x(25)}+69975
    settle 1 ok
    > recv 30f3a204000174@70000
    deliver topic=74 payload=${x(32)}+69968 qos=0 retain=0 dup=0`,
}

const SESSION_NOT_UNDERSTOOD = ['call', 'call sing', 'recv 2x', 'recv 200', 'tick soon', 'handler', 'handler sing', 'handler call']

const check = async (testee: Testee, text: string) => {
  const steps = stepsOf(text)
  const answers = await testee.askAll(steps.map(({ request }) => request))
  expect(steps.map(({ request }, at) => ({ request, answer: answers[at] }))).toEqual(steps)
}

const checkBad = async (testee: Testee, requests: string[]) => {
  const answers = await testee.askAll(requests)
  expect(requests.filter((_, at) => answers[at].length !== 1 || !/^bad \S/.test(answers[at][0]))).toEqual([])
}

describe.each(testeeTargets())('%s', (target) => {
  let command: string[]
  let testee: Testee
  let codecOnly = false

  beforeAll(async () => {
    command = await testeeCommand(target)
    testee = startTestee(command, { cwd: root })
    codecOnly = !(await hasSession(testee))
  }, 300_000)
  afterAll(() => testee?.close())

  describe('packets', () => {
    it.each(Object.keys(PACKETS))('%s', (name) => check(testee, PACKETS[name]))

    it('what is not understood is answered with bad', () => checkBad(testee, NOT_UNDERSTOOD))

    it('the end of stdin is exit 0', async () => {
      const other = startTestee(command, { cwd: root })
      expect(await other.ask('decode 4 d000')).toEqual(['ok PINGRESP'])
      expect(await other.close()).toBe(0)
    })
  })

  describe('session', () => {
    beforeEach((test) => test.skip(codecOnly, 'no session yet'))

    it.each(Object.keys(SESSION))('%s', (name) => check(testee, SESSION[name]))

    it('without new there is no client', async () => {
      const other = startTestee(command, { cwd: root })
      const requests = ['call connect', 'open', 'recv d000', 'drop', 'tick 0', 'stats']
      expect(await other.askAll(requests)).toEqual(requests.map(() => ['bad no_client']))
      await other.close()
    })

    it('what is not understood is answered with bad and changes nothing', async () => {
      await testee.askAll(['new client_id=61', 'call connect', 'open', 'recv 20020000'])
      await checkBad(testee, SESSION_NOT_UNDERSTOOD)
      expect(await testee.ask('call ping')).toEqual(['send c000'])
    })
  })
})
