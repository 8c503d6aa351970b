"""Are outputs what their schemas say? Each function gives the list of problems, empty when valid.

The schemas of others are in the shared test data; without it, or without python3-jsonschema or
xmllint, the functions skip the test that calls them."""
import functools
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import warnings

from plimsoll import SOURCE, shared

try:
    import jsonschema
except ImportError:
    jsonschema = None


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def validator(schema, store=None):
    """A validator of the schema's own draft that asks no network."""
    if not jsonschema:
        raise unittest.SkipTest("python3-jsonschema is not there")
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    if not store:
        return kind(schema)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store))


@functools.lru_cache(maxsize=None)
def schema_of(form):
    if form == "json":
        return validator(load(os.path.join(SOURCE, "docs", "schema", "plimsoll-report-0.json")))
    if form == "sarif":
        return validator(load(shared("schemas", "sarif", "sarif-schema-2.1.0.json")))
    folder = shared("schemas", "cyclonedx")
    return validator(load(os.path.join(folder, "bom-1.6.schema.json")), {
        f"http://cyclonedx.org/schema/{name}": load(os.path.join(folder, name))
        for name in ("jsf-0.82.schema.json", "spdx.schema.json")})


def junit_problems(text):
    if not shutil.which("xmllint"):
        raise unittest.SkipTest("xmllint is not there")
    with tempfile.NamedTemporaryFile(suffix=".xml") as f:
        f.write(text)
        f.flush()
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", shared("schemas", "junit", "junit-10.xsd"), f.name],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return [done.stdout.decode("utf-8", "replace")[:1000]] if done.returncode else []


def problems(form, output):
    """Of an output (bytes, or what was parsed of it) in the form json, sarif, cyclonedx or junit."""
    if form == "junit":
        return junit_problems(output)
    value = json.loads(output) if isinstance(output, bytes) else output
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in schema_of(form).iter_errors(value)]
