// Texts of YAML as texts of JSON, in a thread of their own (aside.ts).
import { parse } from 'yaml'

/** @param {string[]} texts */
export default (texts) => texts.map((text) => JSON.stringify(parse(text)))
