// The client as small as esbuild makes it, in a thread of its own: starting esbuild takes as long as what it does.
import { transform } from 'esbuild'

await transform('') // starts it

export default async ({ code, options }) => (await transform(code, options)).code
