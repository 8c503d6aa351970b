#!/usr/bin/env python3
"""Turns the bucket form of trivy-db (images/db/*.yaml of the shared data) into OSV records.

    trivydb_to_osv.py FOLDER OUT.zip [FILE.yaml...]

One record for each platform, source package and id (Debian, Ubuntu, Alpine, AlmaLinux, Rocky and others
that have a FixedVersion): one range from 0 to the fixed version, the severity as the vector that
vulnerability.json has of the source named there. What has no OSV ecosystem is left out and counted.
"""
import json
import os
import re
import sys
import zipfile

import yaml

PLATFORMS = [
    (r"alpine edge", lambda m: "Alpine:edge"),
    (r"alpine (\d+\.\d+)", lambda m: "Alpine:v" + m.group(1)),
    (r"alma (\d+)", lambda m: "AlmaLinux:" + m.group(1)),
    (r"rocky (\d+)", lambda m: "Rocky Linux:" + m.group(1)),
    (r"debian (\d+)", lambda m: "Debian:" + m.group(1)),
    (r"ubuntu (\d+\.\d+)", lambda m: "Ubuntu:" + m.group(1)),
]


def ecosystem(platform):
    for pattern, name in PLATFORMS:
        m = re.fullmatch(pattern, platform)
        if m:
            return name(m)
    return None


def vector(known):
    """The vector of the source that decides the severity."""
    source = known.get("severity_source") or "nvd"
    cvss = known.get("CVSS") or {}
    for name in [source, "nvd", *sorted(cvss)]:
        if cvss.get(name, {}).get("V3Vector"):
            return {"type": "CVSS_V3", "score": cvss[name]["V3Vector"]}
    return None


def record(platform, eco, package, vulnerability, value, known):
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", platform)
    events = [{"introduced": "0"}]
    if value.get("FixedVersion"):
        events.append({"fixed": value["FixedVersion"]})
    out = {
        "schema_version": "1.6.0",
        "id": f"TEST-{slug}-{package}-{vulnerability}",
        "modified": (known.get("LastModifiedDate") or "2020-01-01T00:00:00Z"),
        "affected": [{"package": {"ecosystem": eco, "name": package},
                      "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }
    # the id that the finding has, whether it is a CVE or not
    out["upstream" if vulnerability.startswith("CVE-") else "aliases"] = [vulnerability]
    score = vector(known)
    if score:
        out["severity"] = [score]
    return out


def pairs(bucket):
    for item in bucket.get("pairs") or []:
        if "bucket" in item:
            yield item["bucket"], item
        else:
            yield item["key"], item.get("value")


def convert(folder, files):
    """Records, and the names of platforms that have no ecosystem."""
    known = {}
    path = os.path.join(folder, "vulnerability.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            known = json.load(f)
    records, skipped = [], []
    for name in files:
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            buckets = yaml.safe_load(f)
        for bucket in buckets or []:
            eco = ecosystem(bucket["bucket"])
            if not eco:
                skipped.append(bucket["bucket"])
                continue
            for package, sub in pairs(bucket):
                for vulnerability, value in pairs(sub):
                    if isinstance(value, dict):
                        records.append(record(bucket["bucket"], eco, package, vulnerability, value,
                                              known.get(vulnerability) or {}))
    return records, skipped


def write_zip(path, records):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for r in records:
            z.writestr(zipfile.ZipInfo(r["id"] + ".json", (2026, 1, 1, 0, 0, 0)), json.dumps(r, sort_keys=True))


def main():
    folder, out = sys.argv[1:3]
    files = sys.argv[3:] or sorted(n for n in os.listdir(folder)
                                   if n.endswith(".yaml") and n != "data-source.yaml")
    records, skipped = convert(folder, files)
    write_zip(out, records)
    print(f"{len(records)} records, {len(skipped)} platforms without an ecosystem")
    return 0


if __name__ == "__main__":
    sys.exit(main())
