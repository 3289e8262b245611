// Text is UTF-8 bytes throughout. What the standard asks of it, and what the rules of the spec ask with.

/** Where the text judged last is wrong. */
var wrongAt

/** The rule that a text breaks: well-formed (table 3-7 of the Unicode standard), without U+0000, at most 65,535 bytes; or 0. */
function utf8Rule(text) {
  for (var i = 0, c, more; i < text.length; i += more) {
    c = text[i]
    more = c < 128 ? 1 : c < 224 ? 2 : c < 240 ? 3 : 4
    wrongAt = i
    if (!c) return WIRE_ZERO
    if (
      more > 1 &&
      (c < 194 ||
        c > 244 ||
        !(text[i + 1] >= (c == 224 ? 160 : c == 240 ? 144 : 128) && text[i + 1] < (c == 237 ? 160 : c == 244 ? 144 : 192)) ||
        (more > 2 && text[i + 2] >> 6 != 2) ||
        (more > 3 && text[i + 3] >> 6 != 2))
    )
      return WIRE_ILL_FORMED
  }
  return text.length > 65535 ? WIRE_TOO_LONG : 0
}

/** Whether a text has this character. */
function holds(text, character) {
  for (var i = 0; i < text.length; i++) if (text[i] == character) return true
  return false
}

function same(a, b) {
  for (var i = 0; i < a.length; i++) if (a[i] != b[i]) return false
  return a.length == b.length
}

/** Whether something is no whole number from `least` to `most`. */
function outside(value, least, most) {
  return !(value >= least && value <= most && value % 1 == 0)
}
