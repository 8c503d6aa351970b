"""The readers and writers of src/text against those of Python, on made and broken documents."""
import csv
import io
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import yaml
except ImportError:
    yaml = None

TOOL = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-text")


def ask(mode, documents, chunk=0):
    """One list of events a document; the last is "error" and its code where it failed."""
    data = b"".join(b"%s %d %d\n%s" % (mode.encode(), len(d), chunk, d) for d in documents)
    run = subprocess.run([TOOL], input=data, stdout=subprocess.PIPE, check=True)
    lines = run.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(documents)
    return [line.split() for line in lines]


def hexed(mark, text):
    return mark + text.encode("utf-8", "surrogatepass").hex()


def one_text(events):
    assert len(events) == 1 and events[0].startswith("s:"), events
    return bytes.fromhex(events[0][2:])


class Made:
    """Documents of JSON with everything that the grammar allows, and ways to break them."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def blank(self):
        return "".join(self.random.choices(" \t\r\n", k=self.random.choice([0, 0, 0, 1, 3, 12])))

    def character(self):
        r = self.random
        kind = r.randrange(10)
        if kind < 5:
            c = chr(r.randrange(0x20, 0x7f))
            return "\\" + c if c in '"\\' else c
        if kind == 5:
            return "\\" + r.choice('"\\/bfnrt')
        if kind == 6:
            return "\\u%04x" % r.choice([0, 0x1f, 0x41, 0xe4, 0x20ac, r.randrange(0xd800)])
        if kind == 7:
            return "\\ud83d\\uDEA2"
        if kind == 8:
            return r.choice("\u00e4\u20ac\U0001f6a2\u0080\uffff")
        return r.choice(["\\ud800", "\\udfff", "\\ud800\\u0041"]) if r.randrange(10) == 0 else "x"

    def string(self):
        size = self.random.choice([0, 1, 2, 3, 7, 8, 9, 20, 70])
        return '"' + "".join(self.character() for _ in range(size)) + '"'

    def number(self):
        r = self.random
        text = r.choice(["", "-"]) + r.choice(["0", "7", "12", "1" * 25])
        text += r.choice(["", "", ".0", ".125"]) + r.choice(["", "", "e5", "E+07", "e-400"])
        return text

    def value(self, depth=0):
        r = self.random
        kind = r.randrange(9)
        if kind > 6 and depth < 4:
            members = [self.value(depth + 1) for _ in range(r.choice([0, 1, 2, 5, 30 if depth == 2 else 3]))]
            if kind == 8:
                keys = [self.string() if r.randrange(3) else '"k%d"' % r.randrange(9) for _ in members]
                members = [k + self.blank() + ":" + v for k, v in zip(keys, members)]
            text = ",".join(members) if members else self.blank()
            text = "{" + text + "}" if kind == 8 else "[" + text + "]"
        elif kind < 4:
            text = self.string()
        elif kind == 4:
            text = self.number()
        else:
            text = r.choice(["true", "false", "null"])
        return self.blank() + text + self.blank()

    def broken(self, text):
        r = self.random
        data = bytearray(text.encode())
        for _ in range(r.choice([1, 1, 2, 5])):
            at = r.randrange(len(data) + 1)
            how = r.randrange(5)
            if how == 0:
                del data[at:at + r.choice([1, 1, 2, 9])]
            elif how == 1:
                data.insert(at, r.randrange(256))
            elif how == 2:
                data[at:at] = r.choice([b'"', b"\\", b",", b":", b"{", b"]", b"1", b"\\u", b"e", b"\0"])
            elif how == 3 and at < len(data):
                data[at] ^= 1 << r.randrange(8)
            else:
                del data[at:]
        return bytes(data)


class Number(str):
    pass


def refuse(text):
    raise ValueError(text)


def is_surrogate(c):
    return "\ud800" <= c <= "\udfff"


def replaced(text):
    """As the reader says: each lone surrogate is U+FFFD."""
    return "".join("\ufffd" if is_surrogate(c) else c for c in text)


def events_of(value, out):
    if isinstance(value, Number):
        out.append(hexed("n:", value))
    elif isinstance(value, str):
        out.append(hexed("s:", replaced(value)))
    elif value is None or isinstance(value, bool):
        out.append(json.dumps(value))
    elif isinstance(value, tuple):
        out.append("{")
        seen = set()
        for key, member in value:
            key = replaced(key)
            out.append(hexed("K:" if key in seen else "k:", key))
            seen.add(key)
            events_of(member, out)
        out.append("}")
    else:
        out.append("[")
        for member in value:
            events_of(member, out)
        out.append("]")
    return out


def python_events(data):
    """The events as Python's json module sees them, or None where it refuses the document."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text[1:] if text.startswith("\ufeff") else text, parse_int=Number,
                           parse_float=Number, parse_constant=refuse, object_pairs_hook=tuple)
    except ValueError:
        return None
    return events_of(value, [])


class Json(unittest.TestCase):
    def compare(self, documents, chunk=0):
        good = 0
        for data, got in zip(documents, ask("json", documents, chunk)):
            expected = python_events(data)
            if expected is None:
                self.assertEqual(got[-2:-1], ["error"], data)
                self.assertIn(got[-1], ["format", "truncated"], data)
            else:
                self.assertEqual(got, expected, data)
                good += 1
        return good

    def test_made_documents_are_read_as_python_reads_them(self):
        made = Made(1)
        documents = [made.value().encode() for _ in range(1500)]
        self.assertEqual(self.compare(documents), 1500)

    def test_broken_documents_are_refused_where_python_refuses_them(self):
        made = Made(2)
        documents = [made.broken(made.value()) for _ in range(6000)]
        good = self.compare(documents)
        self.assertGreater(good, 500)
        self.assertLess(good, 4000)

    def test_the_size_of_chunks_does_not_matter(self):
        made = Made(3)
        documents = [made.value().encode() for _ in range(300)]
        documents += [made.broken(made.value()) for _ in range(600)]
        whole = ask("json", documents)
        for chunk in (1, 2, 3, 7, 64):
            self.assertEqual(ask("json", documents, chunk), whole, chunk)

    def test_every_short_text_over_the_alphabet_of_json(self):
        alphabet = ['{', '}', '[', ']', ',', ':', '"', '\\', '0', '1', '-', '.', 'e', ' ', 'true']
        texts = [""]
        layer = [""]
        for _ in range(4):
            layer = [t + c for t in layer for c in alphabet]
            texts += layer
        good = self.compare([t.encode() for t in texts])
        self.assertGreater(good, 20)


class Writers(unittest.TestCase):
    def test_strings_are_read_back_by_python(self):
        made = random.Random(4)
        texts = ["".join(chr(made.choice([made.randrange(0x80), made.randrange(0xd800), 0x1f6a2]))
                         for _ in range(made.randrange(40))) for _ in range(500)]
        for text, got in zip(texts, ask("string", [t.encode() for t in texts])):
            self.assertEqual(json.loads(one_text(got).decode()), text)

    def test_bytes_that_are_not_utf8_stand_as_text(self):
        made = random.Random(5)
        texts = [bytes(made.choice([0x41, 0xc3, 0xa4, 0xe2, 0x82, 0xff, 0xed, 0xa0, 0xf4])
                       for _ in range(made.randrange(12))) for _ in range(1000)]
        for text, got in zip(texts, ask("string", texts)):
            # Python takes a cut sequence as one error of several bytes: the same bytes either way
            expected = text.decode("utf-8", "backslashreplace")
            self.assertEqual(json.loads(one_text(got).decode()), expected)

    def test_doubles_are_as_short_as_those_of_python(self):
        made = random.Random(6)
        values = [made.getrandbits(64) for _ in range(4000)]
        doubles = [struct.unpack("<d", struct.pack("<Q", v))[0] for v in values]
        doubles += [made.randrange(10 ** made.randrange(1, 17)) / 10 ** made.randrange(9)
                    for _ in range(4000)]
        doubles += [0.0, -0.0, 1e21, 1e-7, 9.8, 5e-324, sys.float_info.max, sys.float_info.min]
        for value, got in zip(doubles, ask("double", [struct.pack("<d", d) for d in doubles])):
            if value != value or value in (float("inf"), float("-inf")):
                self.assertEqual(got, ["error", "format"])
                continue
            text = one_text(got).decode()
            self.assertEqual(float(json.loads(text)), value)
            digits = [c for c in repr(value).split("e")[0] if c.isdigit()]
            ours = [c for c in text.split("e")[0] if c.isdigit()]
            self.assertEqual("".join(ours).strip("0"), "".join(digits).strip("0"), repr(value))

    def test_xml_is_read_back_by_python(self):
        made = random.Random(7)
        texts = ["".join(made.choice(["<", ">", "&", '"', "'", "\n", "\t", "\r", "]]>", "a", " ",
                                      "\u00e4", "\U0001f6a2", "\u0085", "\u2028"])
                         for _ in range(made.randrange(30))) for _ in range(500)]
        for text, got in zip(texts, ask("xml", [t.encode() for t in texts])):
            inner = ElementTree.fromstring(one_text(got)).find("inner")
            self.assertEqual(inner.get("name"), text)
            self.assertEqual(inner.text or "", text)
        broken = [bytes(made.choice([0, 1, 0x1b, 0x0b, 0xff, 0xc3, 0xa4, 0x3c, 0x41, 0xef, 0xbf, 0xbe])
                        for _ in range(made.randrange(12))) for _ in range(500)]
        for text, got in zip(broken, ask("xml", broken)):
            expected = text.decode("utf-8", "backslashreplace")
            expected = "".join("".join("\\x%02x" % b for b in c.encode())
                               if c in "\0\x01\x1b\x0b\ufffe\uffff" else c for c in expected)
            self.assertEqual(ElementTree.fromstring(one_text(got)).find("inner").get("name"), expected)


class Csv(unittest.TestCase):
    def test_rows_are_read_as_python_reads_them(self):
        made = random.Random(8)
        documents = []
        for _ in range(800):
            out = io.StringIO()
            writer = csv.writer(out, lineterminator=made.choice(["\n", "\r\n"]),
                                quoting=made.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
            for _ in range(made.randrange(6)):
                writer.writerow(["".join(made.choice('ab,"\n #\u00e4') for _ in range(made.randrange(9)))
                                 for _ in range(made.randrange(1, 6))])
            documents.append(out.getvalue())
        for chunk in (0, 1, 5):
            for text, got in zip(documents, ask("csv", [d.encode() for d in documents], chunk)):
                expected = []
                for row in csv.reader(io.StringIO(text, newline="")):
                    if row:
                        expected += ["["] + [hexed("s:", field) for field in row] + ["]"]
                self.assertEqual(got, expected, text)


class Deb822(unittest.TestCase):
    @unittest.skipIf(shutil.which("dpkg-query") is None, "this machine has no dpkg")
    def test_the_status_of_this_machine_is_read_as_dpkg_reads_it(self):
        fields = ["Package", "Version", "Architecture", "Status", "Source", "Depends", "Description",
                  "Conffiles", "Maintainer", "Installed-Size"]
        form = "".join("${%s}\x01" % f for f in fields) + "\x02"
        run = subprocess.run(["dpkg-query", "-W", "-f", form], stdout=subprocess.PIPE, check=True)
        expected = sorted(tuple(v.lstrip("\n") for v in row.split("\x01")[:-1])
                          for row in run.stdout.decode().split("\x02")[:-1])
        with open("/var/lib/dpkg/status", "rb") as f:
            status = f.read()
        for chunk in (0, 1000):
            events = ask("deb822", [status], chunk)[0]
            got, paragraph, key = [], {}, None
            for event in events:
                if event == "{":
                    paragraph = {}
                elif event == "}":
                    got.append(paragraph)
                elif event.startswith("k:"):
                    key = bytes.fromhex(event[2:]).decode()
                else:
                    paragraph[key] = bytes.fromhex(event[2:]).decode()
            # what dpkg does not list was removed without a trace
            rows = [tuple(p.get(f, "").lstrip("\n") for f in fields) for p in got
                    if not p["Status"].endswith("not-installed")]
            self.assertEqual(sorted(rows), expected)


def yaml_events(value, out):
    """Of PyYAML's nodes: all scalars are text."""
    if isinstance(value, yaml.ScalarNode):
        out.append(hexed("s:", value.value))
    elif isinstance(value, yaml.SequenceNode):
        out.append("[")
        for member in value.value:
            yaml_events(member, out)
        out.append("]")
    else:
        out.append("{")
        for key, member in value.value:
            out.append(hexed("k:", key.value))
            yaml_events(member, out)
        out.append("}")
    return out


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
class Yaml(unittest.TestCase):
    def compare(self, documents):
        good = 0
        for text, got in zip(documents, ask("yaml", [d.encode() for d in documents])):
            try:
                nodes = list(yaml.compose_all(text, Loader=yaml.BaseLoader))
            except (yaml.YAMLError, ValueError):
                continue  # the two parsers differ in what they refuse
            if len(nodes) != 1 or nodes[0] is None or got[-2:-1] == ["error"]:
                continue
            self.assertEqual(got, yaml_events(nodes[0], []), text)
            good += 1
        return good

    def made(self, r, depth=0):
        kind = r.randrange(6)
        if kind == 0 and depth < 4:
            return [self.made(r, depth + 1) for _ in range(r.randrange(4))]
        if kind == 1 and depth < 4:
            return {self.scalar(r): self.made(r, depth + 1) for _ in range(r.randrange(4))}
        return self.scalar(r)

    def scalar(self, r):
        return r.choice(["a", "true", "1.10", "", "~", "two words", " lead", "x: y", "# no", "'", '"',
                         "line\nbreak\n", "\u00e4\u20ac", "- x", "a" * 90 + " " + "b" * 30, "\t", "&a"])

    def test_made_documents_are_read_as_python_reads_them(self):
        r = random.Random(9)
        documents = [yaml.safe_dump(self.made(r), default_flow_style=r.choice([True, False, None]),
                                    default_style=r.choice([None, None, '"', "|", ">"]),
                                    allow_unicode=r.choice([True, False]))
                     for _ in range(600)]
        self.assertGreater(self.compare(documents), 590)

    def test_written_documents_are_read_as_python_reads_them(self):
        documents = [
            "a: &x [1, {b: c}]\nd: *x\ne: [*x, *x]\n",
            "? complex\n: - a\n  -  b\n",
            "---\nkey: |+\n  keep\n\n\nother: >-\n  fold\n  ed\n\n  par\n",
            "distroversion: v3.18\nreponame: main\npackages:\n  - pkg:\n      name: apk\n"
            "      secfixes:\n        1.2-r0:\n          - CVE-2021-1\n        '0':\n          - CVE-2\n",
            "# hadolint\nignored:\n  - DL3008  # why\n  - \"DL3009\"\ntrustedRegistries: [a.io, 'b.io']\n",
            "'it''s': \"esc \\u00e4 \\x41 \\\n   joined\"\n",
            "- !!str 1\n- !custom 2\n- ! 3\n",
        ]
        self.assertEqual(self.compare(documents), len(documents))


if __name__ == "__main__":
    unittest.main()
