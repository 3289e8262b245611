// The C++ package as its users meet it: every example compiles against a real Arduino core (with arduino-esp32's Wi-Fi classes of 2.x and of 3.x as
// stand-ins), lib_deps takes the repository's URL, and every manifest carries the one version number.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from './support/targets.ts'
import { missingBoards, pio } from './tools/boards.ts'

const exec = promisify(execFile)
const cpp = join(root, 'generated/cpp')
const dir = mkdtempSync(join(tmpdir(), 'umqtt-cpp-'))
afterAll(() => rmSync(dir, { recursive: true }))

const arduino = '/usr/share/arduino/hardware/arduino/avr'
const sketches = readdirSync(join(cpp, 'examples'))
  .filter((name) => name !== 'host')
  .map((name) => `generated/cpp/examples/${name}/${name}.ino`)
const avr = [
  ...['-std=gnu++11', '-Os', '-Wall', '-Wextra', '-mmcu=atmega2560', '-fno-exceptions', '-fno-threadsafe-statics'],
  ...['F_CPU=16000000L', 'ARDUINO=10819', 'ARDUINO_ARCH_AVR', 'DECIMAL_DIG=17'].map((define) => `-D${define}`),
  ...['cores/arduino', 'variants/mega'].map((folder) => `-I${join(arduino, folder)}`),
  ...[`-I${join(root, 'test/boards/mega/wifi-shim')}`, `-I${join(cpp, 'src')}`],
]

describe.skipIf(missingBoards('mega'))('Arduino', () => {
  it.each([...sketches, 'README.md', 'generated/cpp/README.md'].flatMap((path) => [2, 3].map((core) => [path, core] as const)))(
    '%s compiles, with the Wi-Fi classes of %d.x',
    async (path, core) => {
      const text = readFileSync(join(root, path), 'utf8')
      const sketch = join(dir, `${basename(path)}-${core}.cpp`)
      writeFileSync(sketch, `#include <Arduino.h>\n${path.endsWith('.md') ? text.match(/^```cpp\n([\s\S]*?)^```/m)?.[1] : text}`)
      const words = [...avr, `-DESP_ARDUINO_VERSION_MAJOR=${core}`, '-c', sketch, '-o', join(dir, 'sketch.o')]
      const { stderr } = await exec('avr-g++', words)
      expect(stderr.split('\n').filter((line) => /generated\/cpp|\.(ino|md)-/.test(line) && line.includes('warning'))).toEqual([])
    },
  )
})

describe.skipIf(missingBoards('native'))('a host', () => {
  it('compiles callbacks that are lambdas, and every header by itself', async () => {
    const source = join(dir, 'lambdas.cpp')
    writeFileSync(
      source,
      `#include <umqtt/lambdas.h>
#include <umqtt/memory.h>
int main() {
  umqtt::MemoryTransport<> net;
  umqtt::WithLambdas<umqtt::MQTTClient> client(net, "id", "server");
  int messages = 0, told = 0;
  client.onMessage([&](const umqtt::Publish &m) { messages += m.topic == "t"; });
  client.onProgress([&](umqtt::Progress, uint32_t) { ++told; });
  client.connect(true, umqtt::Wait::No);
  client.checkMsg();
  net.give("\\x20\\x02\\x00\\x00\\x30\\x04\\x00\\x01tx", 10);
  client.checkMsg();
  return messages == 1 && told == 1 ? 0 : 1;
}
`,
    )
    const sources = ['.', 'full', 'std', 'tiny'].flatMap((folder) =>
      readdirSync(join(cpp, 'src/umqtt', folder))
        .filter((name) => name.endsWith('.cpp'))
        .map((name) => join(cpp, 'src/umqtt', folder, name)),
    )
    const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wpedantic', '-Werror', '-fsanitize=address,undefined']
    await exec('g++', ['-std=gnu++11', ...strict, `-I${join(cpp, 'src')}`, source, ...sources, '-o', join(dir, 'lambdas')])
    await exec(join(dir, 'lambdas'))
    const headers = readdirSync(join(cpp, 'src/umqtt')).filter((name) => name.endsWith('.h'))
    for (const header of headers) {
      writeFileSync(join(dir, 'header.cpp'), `#include <umqtt/${header}>\n#include <umqtt/${header}>\n`)
      const includes = [`-I${join(cpp, 'src')}`, `-I${join(root, 'test/arduino')}`]
      await exec('g++', ['-std=gnu++11', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', ...includes, join(dir, 'header.cpp')])
    }
  }, 60_000)

  it('has sockets that try every address of a name', async () => {
    const source = join(dir, 'sockets.cpp')
    writeFileSync(
      source,
      `#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <umqtt.h>
static sockaddr_in places[2];
static addrinfo found[2];
static int freed = 0;
static int listening(sockaddr_in &at) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof at;
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(server, reinterpret_cast<sockaddr *>(&at), size);
  getsockname(server, reinterpret_cast<sockaddr *>(&at), &size);
  return server;
}
extern "C" int getaddrinfo(const char *, const char *, const addrinfo *, addrinfo **answer) {
  for (int i = 0; i < 2; i++) {
    found[i].ai_family = AF_INET;
    found[i].ai_socktype = SOCK_STREAM;
    found[i].ai_addr = reinterpret_cast<sockaddr *>(&places[i]);
    found[i].ai_addrlen = sizeof places[i];
  }
  found[0].ai_next = &found[1];
  *answer = found;
  return 0;
}
extern "C" void freeaddrinfo(addrinfo *) { ++freed; }
static umqtt::Transport::State reached() {
  umqtt::SocketTransport net;
  net.connect("server", 1883, 1000);
  while (net.state() == umqtt::Transport::OPENING) net.wait(100);
  return net.state();
}
int main() {
  listening(places[0]); // bound only: it refuses
  const int server = listening(places[1]);
  if (reached() != umqtt::Transport::CLOSED) return 1;
  listen(server, 1);
  if (reached() != umqtt::Transport::OPEN) return 2;
  return freed == 2 ? 0 : 3;
}
`,
    )
    const socket = join(cpp, 'src/umqtt/socket.cpp')
    await exec('g++', ['-std=gnu++11', '-Wall', '-Wextra', '-Werror', `-I${join(cpp, 'src')}`, source, socket, '-o', join(dir, 'sockets')])
    await exec(join(dir, 'sockets'))
  }, 60_000)

  it("has a transport that bears every vendor's habits", async () => {
    const sources = readdirSync(join(cpp, 'src/umqtt')).filter((name) => name.endsWith('.cpp'))
    const words = [
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fsanitize=address,undefined',
      `-I${join(root, 'test/arduino')}`,
      `-I${join(cpp, 'src')}`,
    ]
    const files = [join(root, 'test/arduino/transport.cpp'), ...sources.map((name) => join(cpp, 'src/umqtt', name))]
    await exec('g++', ['-std=gnu++11', ...words, ...files, '-o', join(dir, 'transport')])
    expect((await exec(join(dir, 'transport'))).stdout).toBe('')
  }, 60_000)
})

it('is a component of ESP-IDF, whole', () => {
  const named = readFileSync(join(cpp, 'CMakeLists.txt'), 'utf8').match(/SRC_DIRS (.*?) INCLUDE_DIRS (\S+)/)
  const folders = readdirSync(join(cpp, 'src'), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.cpp'))
    .map((path) => join('src', dirname(path)))
  expect(named?.[1].split(' ')).toEqual([...new Set(folders)])
  expect(named?.[2]).toBe('src')
})

it('carries one version number', () => {
  const versionOf = (path: string): string => JSON.parse(readFileSync(join(root, path), 'utf8')).version
  const version = versionOf('package.json')
  expect(versionOf('library.json')).toBe(version)
  expect(versionOf('generated/cpp/library.json')).toBe(version)
  expect(readFileSync(join(cpp, 'library.properties'), 'utf8')).toContain(`\nversion=${version}\n`)
})

/** `pio pkg pack` but for the list of licences, which it would download. */
const PACK = `import sys
from platformio.package.manifest.schema import ManifestSchema
ManifestSchema.load_spdx_licenses = staticmethod(lambda: {"licenses": [{"licenseId": "MIT"}]})
from platformio.__main__ import main
sys.argv = ["pio", "pkg", "pack", *sys.argv[1:]]
sys.exit(main())
`

describe.skipIf(missingBoards('pio', 'native'))('PlatformIO', { timeout: 120_000 }, () => {
  it.each(['.', 'generated/cpp'])('packs %s: sources, examples and manifests, nothing else', async (folder) => {
    const packed = join(dir, 'packed.tar.gz')
    await exec('rm', ['-f', packed])
    await exec(join(root, '.venv/bin/python'), ['-c', PACK, folder, '-o', packed], { cwd: root })
    const files = (await exec('tar', ['tzf', packed])).stdout.trim().split('\n')
    expect(files).toContain('library.json')
    expect(files.some((file) => file.endsWith('src/umqtt/client.h'))).toBe(true)
    expect(files.filter((file) => /(^|\/)(build|testee|firmware|node_modules|spec|test)\//.test(file))).toEqual([])
  })

  it('installs the library from a git URL into an empty project, which then builds', async () => {
    const project = join(dir, 'project')
    const repository = join(dir, 'repository')
    await mkdir(join(project, 'src'), { recursive: true })
    await mkdir(join(project, '.pio-core'))
    await symlink(join(root, '.pio-core/packages'), join(project, '.pio-core/packages'))
    // What would be committed, as a repository of its own: the checkout may be a shallow one, or have no history at all.
    await mkdir(join(repository, 'generated'), { recursive: true })
    for (const path of ['library.json', 'LICENSE', 'generated/cpp']) await exec('cp', ['-r', join(root, path), join(repository, path)])
    const git = (...words: string[]) =>
      exec('git', ['-C', repository, '-c', 'user.name=test', '-c', 'user.email=test@example.org', ...words])
    await git('init', '-q')
    await git('add', '-A')
    await git('commit', '-q', '-m', 'library')
    writeFileSync(
      join(project, 'platformio.ini'),
      `[env:native]\nplatform = symlink://${join(root, 'test/boards/native')}\nlib_deps = git+file://${repository}\n`,
    )
    writeFileSync(
      join(project, 'src/main.cpp'),
      '#include <umqtt.h>\numqtt::SocketTransport net;\nint main() { umqtt::MQTTClient client(net, "id", "server"); return client.getMqttsta() + 1; }\n',
    )
    const env = { ...process.env, PLATFORMIO_CORE_DIR: join(project, '.pio-core') }
    const { stdout } = await exec(pio, ['pkg', 'install'], { cwd: project, env })
    expect(stdout).toContain('umqtt@')
    await exec(pio, ['run'], { cwd: project, env })
    await exec(join(project, '.pio/build/native/program'))
  })
})
