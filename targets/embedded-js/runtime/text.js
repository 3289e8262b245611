// Text is UTF-8 on the wire and the engine's own text elsewhere. What the standard asks of it, and what the spec's rules are judged with.

/** The text of UTF-8 that is well-formed (table 3-7 of the Unicode standard) and without U+0000. */
function textOf(bytes) {
  var text = '',
    i = 0,
    c,
    more,
    least
  while (i < bytes.length) {
    field = at - bytes.length + i // @testee
    c = bytes[i++]
    if (!c) malformed(WIRE_ZERO)
    if (c > 127) {
      more = c < 224 ? 1 : c < 240 ? 2 : 3
      least = [0, 128, 2048, 65536][more]
      for (c += (128 >> more) - 256; more--; ) c = bytes[i] >> 6 == 2 ? (c << 6) | (bytes[i++] & 63) : -1
      if (c < least || c >> 11 == 27 || c > 1114111) malformed(WIRE_ILL_FORMED)
      if (c > 65535) text += String.fromCharCode((c >> 10) + 55232)
      if (c > 65535) c = (c & 1023) | 56320
    }
    text += String.fromCharCode(c)
  }
  return client._adapter.decode ? client._adapter.decode(bytes) : text
}

/** UTF-8 of a text. A lone surrogate becomes bytes that no text has. */
function utf8Of(text) {
  for (var bytes = [], i = 0, c; i < text.length; i++) {
    c = text.charCodeAt(i)
    if (c >> 10 == 54 && text.charCodeAt(i + 1) >> 10 == 55) c = (c << 10) + text.charCodeAt(++i) - 0x35fdc00
    if (c < 128) bytes.push(c)
    else {
      if (c < 2048) bytes.push((c >> 6) | 192)
      else {
        if (c < 65536) bytes.push((c >> 12) | 224)
        else bytes.push((c >> 18) | 240, ((c >> 12) & 63) | 128)
        bytes.push(((c >> 6) & 63) | 128)
      }
      bytes.push((c & 63) | 128)
    }
  }
  return bytes
}

/** Bytes of its own, of bytes or of a text. */
function bytesOf(value) {
  return new Uint8Array(typeof value == 'object' ? value : client._adapter.encode ? client._adapter.encode('' + value) : utf8Of('' + value))
}

/** Something must be a whole number from `least` to `most`. */
function within(value, least, most, rule) {
  if (!(value >= least && value <= most && value % 1 == 0)) malformed(rule)
}
