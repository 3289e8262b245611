# The hand-written vectors of generated/data/vectors.json as tables for test_codec, in the build folder: a board has no file system. Left out is what is
# longer than 200 bytes, and what is cut off.
import json
import os

Import("env")  # noqa: F821  (PlatformIO's)

folder = env.subst("$BUILD_DIR")  # noqa: F821
with open(os.path.join(env.subst("$PROJECT_DIR"), "generated", "data", "vectors.json"), encoding="utf8") as file:  # noqa: F821
    vectors = json.load(file)

rows, data = [], []
for vector in vectors:
    text = vector.get("bytes", "")
    if "see" not in vector or not text or "@" in text or len(text) > 400 or vector.get("error") == "incomplete":
        continue
    at = len(data)
    data += bytes.fromhex(text)
    for version in vector["versions"]:
        rule = vector.get("error", "none")
        rows.append("{%d, %d, %d, uint8_t(umqtt::Rule::%s), %d, %d}" % (at, len(data) - at, version, rule, vector.get("at", 0), vector["kind"] == "both"))

os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "vectors.h"), "w", encoding="utf8") as out:
    out.write("static const uint8_t BYTES[] FLASH = {%s};\n" % ",".join(map(str, data)))
    out.write("static const Vector VECTORS[] FLASH = {\n%s};\n" % ",\n".join(rows))
env.Append(CPPPATH=[folder])  # noqa: F821
