// Text is UTF-8 on the wire and the engine's own text elsewhere. What the standard asks of it, and what the spec's rules are judged with.

/** How many bytes follow the first of a character. */
function following(c) {
  return c < 128 ? 0 : c < 2048 ? 1 : c < 65536 ? 2 : 3
}

/** The text of UTF-8 that is well-formed (table 3-7 of the Unicode standard) and without U+0000: ASCII by runs, the rest by character. */
function textOf(bytes) {
  var text = '',
    i = 0,
    c,
    n,
    codes,
    more,
    left
  while (i < bytes.length) {
    field = at - bytes.length + i // @testee
    codes = []
    for (n = 0; (c = bytes[i]) > 0 && c < 128 && n < 99; i++) codes[n++] = c
    if (!n) {
      i++
      if (!c) malformed(WIRE_ZERO)
      left = more = c < 224 ? 1 : c < 240 ? 2 : 3
      for (c += (128 >> more) - 256; left--; ) c = bytes[i] >> 6 == 2 ? (c << 6) | (bytes[i++] & 63) : -1
      if (following(c) != more || c >> 11 == 27 || c > 1114111) malformed(WIRE_ILL_FORMED)
      if (more > 2) {
        codes.push((c >> 10) + 55232)
        c = (c & 1023) | 56320
      }
      codes.push(c)
    }
    text += String.fromCharCode.apply(0, codes)
  }
  return client._adapter.decode ? client._adapter.decode(bytes) : text
}

/** UTF-8 of a text. A lone surrogate becomes bytes that no text has. */
function utf8Of(text) {
  for (var bytes = [], i = 0, c, more; i < text.length; i++) {
    c = text.charCodeAt(i)
    if (c >> 10 == 54 && text.charCodeAt(i + 1) >> 10 == 55) c = (c << 10) + text.charCodeAt(++i) - 0x35fdc00
    more = following(c)
    bytes.push((c >> (6 * more)) | (more && -128 >> more)) // a byte keeps the lower bits
    while (more--) bytes.push(((c >> (6 * more)) & 63) | 128)
  }
  return bytes
}

/** Bytes of its own, of bytes or of a text. */
function bytesOf(value) {
  return new Uint8Array(typeof value == 'object' ? value : client._adapter.encode ? client._adapter.encode('' + value) : utf8Of('' + value))
}

/** Something must be a whole number to `most`, from `least` or else from 0. */
function within(value, rule, most, least) {
  if (value >>> 0 != value || value > most || value < least) malformed(rule)
}
