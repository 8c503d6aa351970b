#!/usr/bin/env python3
"""Small archives that readers take differently: one function a row of docs/formats/tar.md.

Used by tests/golden/test_tar.py; run by hand, `make_tar.py FOLDER` writes them all out.
"""
import os
import sys

BLOCK = 512
END = bytes(2 * BLOCK)
USTAR, GNU, STAR, V7 = "ustar", "gnu", "star", "v7"


def octal(value, width):
    return b"%0*o\0" % (width - 1, value)


def base256(value, width):
    return bytes([0x80 if value >= 0 else 0xff]) + value.to_bytes(width, "big", signed=True)[1:]


def number(value, width):
    if isinstance(value, bytes):
        return value.ljust(width, b"\0")
    return octal(value, width) if 0 <= value < 8 ** (width - 1) else base256(value, width)


def header(name=b"file", type=b"0", size=0, link=b"", mode=0o644, uid=0, gid=0, mtime=1, magic=USTAR,
           prefix=b"", at=None, major=0, minor=0, signed=False):
    """One header block; `at` maps offsets to bytes that are put there before the checksum."""
    block = bytearray(BLOCK)

    def put(offset, data):
        block[offset:offset + len(data)] = data

    put(0, name[:100])
    put(100, number(mode, 8))
    put(108, number(uid, 8))
    put(116, number(gid, 8))
    put(124, number(size, 12))
    put(136, number(mtime, 12))
    put(156, type)
    put(157, link[:100])
    if magic != V7:
        put(257, b"ustar  \0" if magic == GNU else b"ustar\00000")
        put(329, number(major, 8))
        put(337, number(minor, 8))
    if magic == STAR:
        put(476, octal(1, 12) + octal(1, 12))
        put(508, b"tar\0")
    put(345, prefix)
    for offset, data in (at or {}).items():
        put(offset, data)
    block[148:156] = b" " * 8
    total = sum(byte - 256 * (signed and byte > 127) for byte in block)
    block[148:156] = b"%06o\0 " % total
    return bytes(block)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def entry(name=b"file", data=b"", **fields):
    return header(name, size=fields.pop("size", len(data)), **fields) + padded(data)


def record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def pax(*records, type=b"x", name=b"PaxHeaders/file", raw=None):
    data = raw if raw is not None else b"".join(record(k, v) for k, v in records)
    return entry(name, data, type=type)


def longname(text, type=b"L"):
    return entry(b"././@LongLink", text + b"\0", type=type, magic=GNU)


def sparse_header(name, stored, realsize, spans, type=b"S", more=b"\0"):
    at = {386 + 24 * i: octal(o, 12) + octal(n, 12) for i, (o, n) in enumerate(spans[:4])}
    at[482] = more
    at[483] = octal(realsize, 12)
    return header(name, type=type, size=stored, magic=GNU, at=at)


PLAIN = entry(b"plain", b"hello")

# --- a row for each oddity: what stands in the archive before the end marker ---------------------

ODD = {
    "dotdot": entry(b"a/../../b/../c", b"1") + entry(b"d", link=b"e/../f", type=b"1"),
    "file_slash": entry(b"name/", b"body"),
    "folder_size": entry(b"folder/", type=b"5", size=512) + entry(b"behind", b"1"),
    "global_pax": pax((b"comment", b"0123456789abcdef"), type=b"g", name=b"pax_global_header") + PLAIN,
    "global_records": pax((b"path", b"other"), type=b"g", name=b"pax_global_header") + PLAIN,
    "global_whiteout": PLAIN + pax((b"comment", b"x"), type=b"g", name=b".wh.plain"),
    "gnu_prefix": entry(b"file", b"1", magic=GNU, prefix=b"folder"),
    "gnu_times": entry(b"file", b"1", magic=GNU, prefix=octal(123, 12)),
    "link_size": PLAIN + entry(b"link", type=b"1", link=b"plain", size=5),
    "long_twice": longname(b"first") + longname(b"second") + PLAIN,
    "meta_dangling": PLAIN + pax((b"path", b"nothing")),
    "meta_dropped": pax((b"path", b"other")) + pax((b"comment", b"x"), type=b"g") + PLAIN,
    "no_end": PLAIN,
    "owner_cut": entry(b"file", b"1", uid=1 << 32, gid=-1),
    "padding_cut": header(b"file", size=5) + b"hello",
    "pax_and_long": longname(b"by-long-name") + pax((b"path", b"by-pax")) + PLAIN,
    "pax_empty": pax((b"path", b"")) + PLAIN,
    "pax_size": pax((b"size", b"5")) + entry(b"file", b"hello", size=0),
    "pax_twice": pax((b"path", b"one")) + pax((b"mtime", b"7")) + PLAIN,
    "root_file": entry(b"./", type=b"5") + entry(b"", b"lost"),
    "schily_size": pax((b"SCHILY.realsize", b"3")) + PLAIN,
    "size_without_body": entry(b"link", type=b"2", link=b"x", size=512) + entry(b"hidden", b"1"),
    "sparse_plain": pax((b"GNU.sparse.size", b"4096"), (b"GNU.sparse.numblocks", b"0")) + entry(b"hole")
    + pax((b"GNU.sparse.major", b"2"), (b"GNU.sparse.minor", b"0"),
                          (b"GNU.sparse.name", b"real"), (b"GNU.sparse.realsize", b"1024"))
    + entry(b"file", padded(b"1\n512\n512\n") + b"x" * 512),
    "star_prefix": entry(b"file", b"1", magic=STAR, prefix=b"p" * 131),
    "type_as_file": entry(b"contiguous", b"hello", type=b"7")
    + sparse_header(b"sparse", 5, 1029, [(1024, 5)]) + padded(b"tail!"),
    "type_refused": entry(b"volume", type=b"V") + entry(b"odd", b"body", type=b"Z"),
    "v7_prefix": entry(b"file", b"1", magic=V7, prefix=b"folder"),
}
WITHOUT_END = {"no_end", "padding_cut"}

# --- what the runtime refuses: the code of the error ------------------------------------------------

LONG = b"x" * ((1 << 20) + 1)

REFUSED = {
    "checksum": ("format", PLAIN + header(b"bad")[:-1] + b"x"),
    "single_zero_block": ("format", PLAIN + bytes(BLOCK) + PLAIN),
    "size_no_number": ("format", header(b"file", at={124: b"12x4"})),
    "size_minus": ("format", header(b"file", at={124: b"-4"})),
    "size_negative": ("format", header(b"file", size=-4)),
    "size_overflow": ("format", header(b"file", at={124: b"\x80" + b"\xff" * 11})),
    "mtime_no_number": ("format", header(b"file", at={136: b"today"})),
    "device_no_number": ("format", header(b"file", at={329: b"9"})),
    "pax_no_length": ("format", pax(raw=b"path=x\n") + PLAIN),
    "pax_length_lies_long": ("format", pax(raw=b"99 path=x\n") + PLAIN),
    "pax_length_lies_short": ("format", pax(raw=b"9 path=xyz\n") + PLAIN),
    "pax_length_zero": ("format", pax(raw=b"0 path=x\n") + PLAIN),
    "pax_length_negative": ("format", pax(raw=b"-10 path=x\n") + PLAIN),
    "pax_length_overflow": ("format", pax(raw=b"99999999999999999999 path=x\n") + PLAIN),
    "pax_no_newline": ("format", pax(raw=b"10 path=xy") + PLAIN),
    "pax_no_equals": ("format", pax(raw=b"9 pathxx\n") + PLAIN),
    "pax_no_key": ("format", pax(raw=b"6 =xy\n") + PLAIN),
    "pax_nul_in_path": ("format", pax((b"path", b"a\0b")) + PLAIN),
    "pax_nul_in_key": ("format", pax((b"co\0mment", b"a")) + PLAIN),
    "pax_nul_behind": ("format", pax(raw=record(b"path", b"x") + b"\0") + PLAIN),
    "pax_size_no_number": ("format", pax((b"size", b"5x")) + PLAIN),
    "pax_size_negative": ("format", pax((b"size", b"-5")) + PLAIN),
    "pax_mtime_no_number": ("format", pax((b"mtime", b"1.x")) + PLAIN),
    "pax_huge": ("limit", pax((b"comment", LONG)) + PLAIN),
    "long_name_huge": ("limit", longname(LONG) + PLAIN),
    "sparse_overlap": ("format", sparse_header(b"s", 10, 100, [(0, 5), (4, 5)]) + padded(b"x" * 10)),
    "sparse_beyond": ("format", sparse_header(b"s", 10, 100, [(95, 10)]) + padded(b"x" * 10)),
    "sparse_too_little_data": ("format", sparse_header(b"s", 9, 100, [(0, 10)]) + padded(b"x" * 9)),
    "sparse_too_much_data": ("format", sparse_header(b"s", 11, 100, [(0, 10)]) + padded(b"x" * 11)),
    "sparse_not_gnu": ("format", entry(b"s", b"x", type=b"S")),
    "sparse_pairs_out_of_order": ("format", pax((b"GNU.sparse.numblocks", b"1"),
                                                (b"GNU.sparse.numbytes", b"5"),
                                                (b"GNU.sparse.offset", b"0")) + PLAIN),
    "sparse_pairs_odd": ("format", pax((b"GNU.sparse.numblocks", b"1"), (b"GNU.sparse.size", b"5"),
                                       (b"GNU.sparse.offset", b"0")) + PLAIN),
    "sparse_map_comma": ("format", pax((b"GNU.sparse.numblocks", b"1"), (b"GNU.sparse.size", b"5"),
                                       (b"GNU.sparse.map", b"0,5,")) + PLAIN),
    "sparse_text_no_number": ("format", pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
                                            (b"GNU.sparse.realsize", b"5"))
                              + entry(b"s", padded(b"one\n0\n5\n") + b"hello")),
    "sparse_holes_bomb": ("limit", pax((b"GNU.sparse.numblocks", b"0"), (b"GNU.sparse.map", b""),
                                       (b"GNU.sparse.major", b"0"), (b"GNU.sparse.minor", b"1"),
                                       (b"GNU.sparse.size", b"%d" % (1 << 60))) + entry(b"s")),
}

# --- plain forms, which all readers take alike ------------------------------------------------------

DEEP = b"/".join(b"folder%03d" % i for i in range(20))

PLAINS = {
    "v7": entry(b"a", b"1", magic=V7, type=b"\0") + entry(b"dir/", magic=V7, type=b"\0")
    + entry(b"l", magic=V7, type=b"1", link=b"a") + entry(b"s", magic=V7, type=b"2", link=b"a"),
    "ustar_prefix": entry(b"n" * 100, b"1", prefix=b"p" * 155),
    "types": PLAIN + entry(b"h", type=b"1", link=b"plain") + entry(b"s", type=b"2", link=b"../x")
    + entry(b"c", type=b"3", major=1, minor=3) + entry(b"b", type=b"4", major=8, minor=1)
    + entry(b"d/", type=b"5", mode=0o1777) + entry(b"p", type=b"6"),
    "gnu_long": longname(DEEP) + longname(DEEP + b"/target", type=b"K")
    + entry(DEEP[:100], type=b"2", magic=GNU, link=DEEP[:100]),
    "pax_all": pax((b"path", DEEP + "/grün".encode()), (b"linkpath", b"t" * 200), (b"uid", b"3000000"),
                   (b"gid", b"3000001"), (b"mtime", b"1700000000.123456789"), (b"uname", b"someone"),
                   (b"SCHILY.xattr.security.capability", b"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))
    + entry(b"short", type=b"2", link=b"t"),
    "pax_last_record_wins": pax((b"path", b"one"), (b"path", b"two")) + PLAIN,
    "star": entry(b"file", b"1", magic=STAR, prefix=b"folder"),
    "base256": entry(b"file", b"hello", size=base256(5, 12), mtime=-5, uid=base256(70000, 8)),
    "blanks": entry(b"file", b"1", mode=b"  644 \0", uid=b"     0 ", size=b"          1 "),
    "signed_checksum": entry(b"gr\xfcn", b"1", signed=True),
    "dot_slash": entry(b"./", type=b"5") + entry(b"./etc//motd", b"hi") + entry(b"/abs", b"1"),
    "setuid": entry(b"su", b"1", mode=0o104755),
    "empty_archive": b"",
}

SPARSE_CONTENT = bytes(1024) + b"A" * 512 + bytes(512) + b"B" * 700 + bytes(324)
SPANS = [(1024, 512), (2048, 700)]
STORED = b"A" * 512 + b"B" * 700
MANY = [(i * 1024, 512) for i in range(60)]
MANY_CONTENT = b"".join(b"%03d " % i * 128 + bytes(512) for i in range(60))
MANY_STORED = b"".join(b"%03d " % i * 128 for i in range(60))


def old_sparse(name, spans, stored, realsize):
    rest = spans[4:]
    out = sparse_header(name, len(stored), realsize, spans, more=b"\1" if rest else b"\0")
    while rest:
        block = b"".join(octal(o, 12) + octal(n, 12) for o, n in rest[:21]).ljust(504, b"\0")
        rest = rest[21:]
        out += block + (b"\1" if rest else b"\0") + bytes(7)
    return out + padded(stored)


def pax_sparse(version, spans, stored, realsize):
    count = b"%d" % len(spans)
    if version == "0.0":
        pairs = [(k, b"%d" % v) for o, n in spans
                 for k, v in ((b"GNU.sparse.offset", o), (b"GNU.sparse.numbytes", n))]
        records = [(b"GNU.sparse.size", b"%d" % realsize), (b"GNU.sparse.numblocks", count), *pairs]
        return pax(*records) + entry(b"sparse", stored)
    if version == "0.1":
        text = b",".join(b"%d,%d" % span for span in spans)
        return pax((b"GNU.sparse.size", b"%d" % realsize), (b"GNU.sparse.numblocks", count),
                   (b"GNU.sparse.name", b"sparse"), (b"GNU.sparse.map", text)) \
            + entry(b"GNUSparseFile.1/sparse", stored)
    text = padded(count + b"\n" + b"".join(b"%d\n%d\n" % span for span in spans))
    return pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
               (b"GNU.sparse.name", b"sparse"), (b"GNU.sparse.realsize", b"%d" % realsize)) \
        + entry(b"GNUSparseFile.1/sparse", text + stored)


# name: (archive, the content of "sparse")
SPARSE = {"old": (old_sparse(b"sparse", SPANS, STORED, 3072), SPARSE_CONTENT),
          "old_many": (old_sparse(b"sparse", MANY, MANY_STORED, 60 * 1024), MANY_CONTENT)}
for form in ("0.0", "0.1", "1.0"):
    SPARSE[form] = (pax_sparse(form, SPANS, STORED, 3072), SPARSE_CONTENT)
    SPARSE[form + "_many"] = (pax_sparse(form, MANY, MANY_STORED, 60 * 1024), MANY_CONTENT)
SPARSE["1.0_hole"] = (pax_sparse("1.0", [], b"", 4096), bytes(4096))


def archives():
    """All of them by file name."""
    for name, body in ODD.items():
        yield "odd-" + name, body + (b"" if name in WITHOUT_END else END)
    for name, (code, body) in REFUSED.items():
        yield "refused-" + name, body + END
    for name, body in PLAINS.items():
        yield "plain-" + name, body + END
    for name, (body, content) in SPARSE.items():
        yield "sparse-" + name, body + entry(b"behind", b"1") + END


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for file_name, archive in archives():
        with open(os.path.join(sys.argv[1], file_name + ".tar"), "wb") as out:
            out.write(archive)
