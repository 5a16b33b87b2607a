"""Prints one JSON line for each fixture: its name, the layers it has to be read through, and its bytes in Base64."""
import base64, collections, datetime, decimal, gzip, io, json, pickle, struct, uuid, zlib
import brotli, bson, cbor2, lz4.block, lz4.frame, msgpack, snappy, zstandard
from bson import Int64, ObjectId, Regex, Timestamp, Decimal128, Binary, Code


def put(name, layers, data):
    print(json.dumps({"name": name, "layers": layers, "b64": base64.b64encode(data).decode()}))


plain = {"id": 42, "name": "Ada Lovelace", "tags": ["a", "b"], "score": 1.5, "none": None, "ok": True, "big": 12345678901234567890}
text = json.dumps(plain).encode()
long_text = ("The quick brown fox jumps over the lazy dog. " * 40).encode()
pack = msgpack.packb(plain)

put("gzip of JSON", ["gzip", "json"], gzip.compress(text, mtime=0))
put("gzip in two members", ["gzip", "json"], gzip.compress(text[:20], mtime=0) + gzip.compress(text[20:], mtime=0))
put("zlib of JSON", ["zlib", "json"], zlib.compress(text))
put("zlib at level 1 of text", ["zlib"], zlib.compress(long_text, 1))
raw = zlib.compressobj(9, zlib.DEFLATED, -15)
put("raw deflate of JSON", ["deflate", "json"], raw.compress(text) + raw.flush())
put("zstd of MessagePack", ["zstd", "msgpack"], zstandard.ZstdCompressor(level=3).compress(pack))
put("zstd with checksum", ["zstd", "json"], zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(text))
put("zstd in two frames", ["zstd"], zstandard.ZstdCompressor().compress(long_text[:300]) + zstandard.ZstdCompressor().compress(long_text[300:]))
put("LZ4 frame", ["lz4", "json"], lz4.frame.compress(text))
put("LZ4 frame of linked blocks", ["lz4"], lz4.frame.compress(long_text * 50, block_linked=True, block_size=lz4.frame.BLOCKSIZE_MAX64KB, content_checksum=True, block_checksum=True))
put("LZ4 block with its size", ["lz4-block", "json"], lz4.block.compress(text))
put("Brotli of JSON", ["brotli", "json"], brotli.compress(text))
put("Brotli of text", ["brotli"], brotli.compress(long_text))
put("Snappy", ["snappy", "json"], snappy.compress(text))
put("Snappy of text", ["snappy"], snappy.compress(long_text))
# Debian's StreamCompressor is broken on its Python: the frame by its specification, with its masked CRC-32C
def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17 & 0xFFFFFFFF)) + 0xA282EAD8) & 0xFFFFFFFF


framed = snappy.compress(text)
put("Snappy frames", ["snappy-framed", "json"], b"\xff\x06\x00\x00sNaPpY" + b"\x00" + struct.pack("<I", len(framed) + 4)[:3] + struct.pack("<I", masked_crc32c(text)) + framed)
put("Base64 of gzip of JSON", ["base64", "gzip", "json"], base64.b64encode(gzip.compress(text, mtime=0)))
put("hex of MessagePack", ["hex", "msgpack"], pack.hex().encode())
put("gzip of zstd of CBOR", ["gzip", "zstd", "cbor"], gzip.compress(zstandard.ZstdCompressor().compress(cbor2.dumps(plain)), mtime=0))

put("MessagePack map", ["msgpack"], pack)
put("MessagePack of every kind", ["msgpack"], msgpack.packb({"u64": 2**64 - 1, "i64": -(2**63), "f32": 0.5, "bin": b"\x00\xff", "ext": msgpack.ExtType(42, b"abc"), "time": msgpack.Timestamp(1700000000, 123456789), "neg": -33, "nested": {"deep": [[], {}]}, 7: "int key", b"k": "binary key"}))
put("MessagePack with repeated keys", ["msgpack"], b"\x82\xa4same\x01\xa4same\x02")
put("MessagePack array", ["msgpack"], msgpack.packb(["alpha", "beta", {"x": 1}]))
put("CBOR map", ["cbor"], cbor2.dumps(plain))
put("CBOR with tags", ["cbor"], cbor2.dumps({"when": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "big": 2**100, "neg": -(2**70), "dec": decimal.Decimal("1.10"), "id": uuid.UUID(int=5), "set": {1}, "undefined": cbor2.undefined}))
put("CBOR of indefinite length", ["cbor"], b"\xbf\x63key\x9f\x01\x02\xff\x64text\x7f\x63hel\x62lo\xff\xff")
put("CBOR that describes itself", ["cbor"], b"\xd9\xd9\xf7" + cbor2.dumps([1, "two"]))
put("BSON", ["bson"], bson.encode(collections.OrderedDict([("id", ObjectId("65a1b2c3d4e5f60718293a4b")), ("name", "Ada"), ("n32", 5), ("n64", Int64(2**53 + 1)), ("f", 1.0), ("when", datetime.datetime(2026, 1, 2, 3, 4, 5, 6000)), ("re", Regex("^a", "i")), ("ts", Timestamp(1700000000, 7)), ("dec", Decimal128("1234.5600")), ("bin", Binary(b"\x01\x02", 0)), ("uuid", Binary(uuid.UUID(int=9).bytes, 4)), ("list", ["a", 1, None]), ("sub", {"": True}), ("code", Code("return 1"))])))

class Cart:
    def __init__(self):
        self.items = ["pen"]
        self.total = decimal.Decimal("9.90")

Cart.__module__ = "shop.models"
import sys, types
module = types.ModuleType("shop.models"); module.Cart = Cart
sys.modules["shop"] = types.ModuleType("shop"); sys.modules["shop.models"] = module
shared = ["shared"]
values = {"plain": plain, "bytes": b"\x00\xff", "tuple": (1, 2), "set": {3}, "date": datetime.datetime(2026, 1, 2, 3, 4, 5), "cart": Cart(), "a": shared, "b": shared, "big": 2**80, "neg": -5, "ordered": collections.OrderedDict(x=1), "text": "Grüße 🎉\nnew"}
for protocol in range(6):
    put(f"pickle of protocol {protocol}", ["pickle"], pickle.dumps(values, protocol))
loop = []
loop.append(loop)
put("pickle that holds itself", ["pickle"], pickle.dumps(loop, 2))
class Evil:
    def __reduce__(self):
        import os
        return (os.system, ("echo pwned > /tmp/pwned",))
put("pickle that would run a command", ["pickle"], pickle.dumps(Evil(), 4))
put("Django: zlib of pickle", ["zlib", "pickle"], zlib.compress(pickle.dumps(plain, 5)))
put("pickled JSON bytes", ["pickle", "json"], pickle.dumps(text, 5))

def varint(n):
    out = b""
    while True:
        out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
        n >>= 7
        if n == 0:
            return out
def field(number, wire, data):
    return varint(number << 3 | wire) + data
def chunk(number, data):
    return field(number, 2, varint(len(data)) + data)
put("protobuf", ["protobuf"], field(1, 0, varint(150)) + chunk(2, "Ada Lovelace, countess".encode()) + chunk(3, field(1, 0, varint(2**64 - 5)) + chunk(2, b"inner text")) + chunk(4, bytes([1, 2, 0x96, 1])) + field(5, 1, struct.pack("<d", 1.25)) + field(6, 5, struct.pack("<f", 0.5)))
put("UUID of version 4", ["uuid"], uuid.UUID("3b241101-e2bb-4255-8caf-4136c566a962").bytes)
