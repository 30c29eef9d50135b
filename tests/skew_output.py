#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what `vmwire skew` takes and prints: sides of several files, every format, baselines, exit statuses.

    tests/skew_output.py         tests $VMWIRE, or build/vmwire if it is not set

Whether the differences are right is not asked here. The formats are held against each other: each has all differences that
--json prints, and no others. Each format is read by somebody else's code: csv, json and xml.etree of Python.
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree
from pathlib import Path

from checks import exit_status, result

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.path.abspath(os.environ.get("VMWIRE", ROOT / "build/vmwire"))
STREAMS, SCHEMAS = ROOT / "corpus/streams", ROOT / "corpus/schemas"
SMALL, OTHER, PC, S390X = (STREAMS / f"bookworm-{name}.vmstate" for name in ("avr-arduino-uno", "microvm", "pc", "s390x-virtio"))
BARE, PACKAGE = STREAMS / "bookworm-pc-2.2-bare.vmstate", STREAMS / "bookworm-pc-postcopy.vmstate"
PROGRAM, DUMP, X86 = (SCHEMAS / f"bookworm-{name}.json" for name in ("avr.program", "avr", "x86_64.program"))
KEYS = ["direction", "certainty", "outcome", "rule", "section", "instance", "structure", "path", "writer", "reader", "when",
        "message", "advice", "offset", "bytes"]
STABLE = ["rule", "section", "structure", "path", "writer", "reader"]
LEVELS = {"certain": "error", "when": "warning", "undecided": "note"}
HEADINGS = {"certain": "On every migration:", "when": "When the state needs it:", "undecided": "Not decided:"}
NOTHING = "nothing differs that a migration meets"


def run(*words, stdin=b"", **more):
    return subprocess.run([VMWIRE, "skew", *map(str, words)], capture_output=True, input=stdin, timeout=120, **more)


def objects(*words, **more):
    """The differences, the summaries, and the exit status."""
    done = run("--json", *words, **more)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [each for each in lines if "summary" not in each], [each for each in lines if "summary" in each], done.returncode


def ends(name, status, *words, text="", **more):
    """The command ends with this exit status; with 2 it prints one line, on standard error, that has the text."""
    done = run(*words, **more)
    right = done.returncode == status and text in (done.stderr if status == 2 else done.stdout).decode()
    if status == 2:
        right = right and not done.stdout and done.stderr.count(b"\n") == 1
    result(name, right, f"exit status {done.returncode}\n{done.stderr.decode()}{done.stdout.decode()}")


def make_reader(folder):
    """A program without a device, and without a subsection."""
    program = json.loads(X86.read_text())
    for structure in program["structures"]:
        if structure["name"] == "hpet":
            structure["name"] = "another"
        if structure["name"] == "ide_drive":
            structure["subsections"] = [each for each in structure["subsections"]
                                        if program["structures"][each]["name"] != "ide_drive/pio_state"]
    (folder / "reader.json").write_text(json.dumps(program))
    return ["--to", "guarded", f"{PC}+{X86}", folder / "reader.json"]  # another option: undecided


# ---- The formats -------------------------------------------------------------------------------------


def check_json(pair):
    differences, summaries, status = objects(*pair)
    certainties = [each["certainty"] for each in differences]
    result("json: exit status 1, one summary", status == 1 and len(summaries) == 1, (status, summaries))
    result("json: a difference of each certainty", set(certainties) == set(LEVELS), certainties)
    result("json: all have the same keys", all(list(each) == KEYS for each in differences), differences)
    result("json: rules are named, outcomes are known", all(
        each["rule"] and each["outcome"] in ("reject", "truncated", "corrupt") for each in differences), differences)
    summary = summaries[0]
    result("json: the summary counts", all(summary[name] == certainties.count(name) for name in LEVELS) and
           summary["accepted"] == 0 and summary["file"] == pair[2] and summary["reader"] == str(pair[3]), summary)
    places = [each["offset"] for each in differences if each["offset"] is not None]
    result("json: offsets are those of the file", places and all(place < PC.stat().st_size for place in places), places)
    return differences, summary


def check_csv(pair, differences):
    rows = list(csv.DictReader(io.StringIO(run("--csv", *pair).stdout.decode(), newline="")))
    expected = [{key: "" if each[key] is None else str(each[key]) for key in KEYS} for each in differences]
    result("csv: a row a difference", rows == expected, (rows[:1], expected[:1]))


def check_sarif(pair, differences, summary):
    first, again = (json.loads(run("--sarif", *pair).stdout) for _ in range(2))
    log, = first["runs"]
    rules, results = log["tool"]["driver"]["rules"], log["results"]
    result("sarif: version and schema", first["version"] == "2.1.0" and first["$schema"].endswith("sarif-schema-2.1.0.json"), first)
    result("sarif: each rule has an id of its own and a text", len({rule["id"] for rule in rules}) == len(rules) and
           all(rule["shortDescription"]["text"] for rule in rules), rules)
    found = [(each["ruleId"], each["level"], each["properties"]["outcome"]) for each in results]
    expected = [(each["rule"], LEVELS[each["certainty"]], each["outcome"]) for each in differences]
    helps = {rule["id"]: rule["help"]["text"] for rule in rules if "help" in rule}
    result("sarif: the help of a rule names no difference", helps["uuid"].endswith(": -uuid ....") and
           not any("%" in text for text in helps.values()), helps)
    result("sarif: a result a difference", found == expected, (found, expected))
    result("sarif: the index is that of the rule", all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results))
    result("sarif: each result has a message", all(each["message"]["text"] for each in results), results)
    places = [each["locations"][0]["physicalLocation"] for each in results]
    result("sarif: results are at the stream", all(place["artifactLocation"]["uri"] == str(PC) for place in places), places[:1])
    offsets = [place.get("region", {}).get("byteOffset") for place in places]
    result("sarif: at their offset", offsets == [each["offset"] for each in differences], offsets)
    names = [each["locations"][0].get("logicalLocations", [{}])[0].get("name") for each in results]
    result("sarif: with their section", names == [each["section"] for each in differences], names)
    prints = [each["partialFingerprints"]["difference/v1"] for each in results]
    distinct = {tuple(re.sub(".*/", "", each["section"] or "") if key == "section" else each[key] for key in STABLE) for each in differences}
    result("sarif: fingerprints are the same again, and differ", len(set(prints)) == len(distinct) and prints == [
        each["partialFingerprints"]["difference/v1"] for each in again["runs"][0]["results"]], prints)
    result("sarif: the conclusion", log["properties"]["forward"] == summary["sentence"], log["properties"])


def check_junit(pair, differences, summary):
    text = run("--junit", *pair).stdout
    root = xml.etree.ElementTree.fromstring(text)
    suite, = root
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    expected = {}
    for each in differences:
        name = each["section"] or "the stream as a whole"
        name += f" instance {each['instance']}" if each["instance"] else ""
        expected.setdefault(name, []).append(each)
    failing = {name for name, found in expected.items() if any(each["certainty"] != "undecided" for each in found)}
    result("junit: devices that differ fail", failing == {name for name, case in cases.items() if case.find("failure") is not None}, failing)
    result("junit: those that are undecided are skipped", set(expected) - failing == {
        name for name, case in cases.items() if case.find("skipped") is not None}, cases)
    result("junit: the devices of the stream are test cases, most of them pass",
           {"ram", "timer", "0000:00:01.3/piix4_pm"} <= set(cases) and len(cases) > 2 * len(expected), sorted(cases))
    counts = {"tests": len(cases), "failures": len(failing), "skipped": len(expected) - len(failing), "errors": 0}
    result("junit: counts", all(element.get(name) == str(count) for element in (root, suite) for name, count in counts.items()), root.attrib)
    result("junit: texts", all(each["rule"] in "".join(cases[name].itertext()) for name, found in expected.items() for each in found))
    result("junit: the conclusion", suite.find("system-out").text == summary["sentence"], text[-300:].decode())


def unwrapped(text):
    """Lines that are continued are one."""
    return text.replace("\n" + 13 * " ", " ").splitlines()


def check_text(pair, differences, summary):
    printed = run(*pair).stdout.decode()
    lines = unwrapped(printed)
    continued = [line for line in printed.splitlines() if line.startswith(13 * " ")]
    result("text: long advice is continued below itself", continued and all(len(line) <= 120 for line in continued), continued)
    result("text: the conclusion comes first", lines[0] == f"{summary['file']} to {summary['reader']}: {summary['sentence']}.", lines[:2])
    result("text: then counts", lines[1] == f"{summary['certain']} certain, {summary['when']} when the state needs it, "
           f"{summary['undecided']} not decided", lines[1])
    places = [lines.index(heading) for heading in HEADINGS.values()]
    result("text: certain, when needed, not decided", places == sorted(places), places)
    for certainty, begin, end in zip(HEADINGS, places, [*places[1:], len(lines)]):
        here = [each for each in differences if each["certainty"] == certainty]
        part = lines[begin:end]
        missing = [each["section"] for each in here if each["section"] and not any(each["section"] in line for line in part)]
        missing += [each[key] for each in here for key in ("writer", "reader", "when", "advice")
                    if each[key] and not any(line.endswith(each[key]) for line in part)]
        result(f"text: {certainty}: devices, both sides, condition, advice", not missing, missing)
    labels = {line[:13] for line in lines if line.startswith("    ") and line[4] != " "}
    result("text: labels are aligned", labels and all(re.fullmatch(r"    \w+ +", label) for label in labels), labels)
    result("text: a device has one heading in each part", all(
        len(part) == len(set(part)) for part in ([line for line in lines[begin:end] if line and line[0] != " "]
                                                  for begin, end in zip(places, [*places[1:], len(lines)]))))


def check_names(folder):
    """Names with characters that mean something in a format, and with those that a terminal obeys."""
    names = ["a<b&c>d\"e'f]]>", "tab\tline\nend\u001b[2J\u009b", "\ufffe\uffff\u202e", "comma, \"quoted\"", "=1+1"]
    device = lambda name: {"name": name, "instance_id": 0, "vmsd_name": name, "version": 1, "fields": [
        {"name": "field", "type": "uint8", "size": 1}]}
    sides = folder / "names.json", folder / "few.json"
    sides[0].write_text(json.dumps({"page_size": 4096, "devices": [device("kept"), *map(device, names)]}))
    sides[1].write_text(json.dumps({"page_size": 4096, "devices": [device("kept")]}))
    differences, _, status = objects(*sides)
    result("names: a difference each", status == 1 and {each["section"] for each in differences} == set(names), differences)
    outputs = {words: run(*words, *sides).stdout for words in ((), ("--csv",), ("--sarif",), ("--junit",), ("--json",))}
    result("names: no byte moves the cursor", all(
        unicodedata.category(character) not in ("Cc", "Cf") or character in "\r\n"
        for output in outputs.values() for character in output.decode()), outputs)
    rows = list(csv.DictReader(io.StringIO(outputs["--csv",].decode(), newline="")))
    result("names: csv", len(rows) == len(differences) and {names[0], names[3], names[4]} <= {row["section"] for row in rows}, rows)
    root = xml.etree.ElementTree.fromstring(outputs["--junit",])
    found = {case.get("name") for case in root.iter("testcase") if case.find("failure") is not None}
    result("names: junit", len(found) == len(names) and {names[0], names[3]} <= found, found)
    results = json.loads(outputs["--sarif",])["runs"][0]["results"]
    result("names: sarif", {each["locations"][0]["logicalLocations"][0]["name"] for each in results} == set(names), results)


def check_groups(folder):
    """Devices of one structure that differ alike have one heading; one that differs otherwise has its own."""
    def device(number, field):
        return {"name": f"0000:00:{number:02x}.0/d", "instance_id": 0, "vmsd_name": "d", "version": 1,
                "fields": [{"name": "a", "type": field, "size": int(field.strip("uint")) // 8}, {"name": "b", "type": "uint8", "size": 1}]}

    sides = folder / "many.json", folder / "other.json"
    for count in 3, 13:
        for side, field, last in zip(sides, ("uint32", "uint16"), ("uint32", "int16")):
            side.write_text(json.dumps({"devices": [*(device(i, field) for i in range(count - 1)), device(count - 1, last)]}))
        places = {f"0000:00:{i:02x}.0/d" for i in range(count)}
        cases = list(xml.etree.ElementTree.fromstring(run("--junit", *sides).stdout).iter("testcase"))
        result(f"junit: {count} devices of descriptions, each a test case", {case.get("name") for case in cases} == places and len(cases) == count
               and all(case.find("failure") is not None for case in cases), [case.get("name") for case in cases])
        results = json.loads(run("--sarif", *sides).stdout)["runs"][0]["results"]
        result(f"sarif: {count} devices, each with its fingerprint", len({json.dumps(each["partialFingerprints"]) for each in results})
               == len(results) == count, results[:1])
        lines = run(*sides).stdout.decode().splitlines()
        headings = [line for line in lines[3:] if line and line[0] != " " and line not in HEADINGS.values()]
        shown = [f"0000:00:{i:02x}.0/d" for i in range(min(count - 1, 6))]
        more = f", and {count - 7} more" if count > 7 else ""
        result(f"groups: {count} devices", headings == [", ".join(shown) + more, f"0000:00:{count - 1:02x}.0/d"], headings)


def check_offsets():
    """In a stream with RAM, each missing section's offset is that of the section in the file."""
    stream = STREAMS / "bookworm-q35-ram.vmstate"
    data = stream.read_bytes()
    differences = objects(stream, PC)[0]
    missing = [each for each in differences if each["rule"] == "section-unknown"]
    wrong = [each for each in missing if each["section"].encode() not in data[each["offset"]:each["offset"] + 300]]
    result("offsets: sections behind RAM", len(missing) > 3 and len({each["offset"] for each in missing}) == len(missing) and not wrong,
           wrong or missing)
    first = min(each["offset"] for each in differences if each["offset"] is not None)
    line = run(stream, PC).stdout.decode().splitlines()[0]
    place = re.search(r"\(byte (\d+) of the stream\)", line)
    result("offsets: one in the conclusion", place and int(place[1]) <= first, line)


# ---- Baselines ---------------------------------------------------------------------------------------


def check_baseline(folder, pair, differences):
    baseline = folder / "baseline.json"
    baseline.write_bytes(run("--json", *pair).stdout)
    words = ["--baseline", baseline, *pair]
    found, summaries, status = objects(*words)
    result("baseline: what is printed is accepted", status == 0 and not found and summaries[0]["accepted"] == len(differences) and
           not run(*words).stderr, (status, found))
    text = run(*words).stdout.decode()
    result("baseline: the text counts", NOTHING in text and f"{len(differences)} accepted by {baseline}" in text, text)
    result("baseline: in csv, sarif and junit", run("--csv", *words).stdout.count(b"\n") == 1 and
           not json.loads(run("--sarif", *words).stdout)["runs"][0]["results"] and
           not list(xml.etree.ElementTree.fromstring(run("--junit", *words).stdout).iter("failure")))

    lines = baseline.read_text().splitlines()
    certain = next(line for line in lines if json.loads(line)["certainty"] == "certain")
    twins = [each for each in differences if all(json.loads(certain)[key] == each[key] for key in STABLE)]
    rest = [line for line in lines if "summary" in json.loads(line) or not all(json.loads(certain)[key] == json.loads(line)[key] for key in STABLE)]
    baseline.write_text("\n".join(["# accepted", "", *rest]) + "\n")
    found, _, status = objects(*words)
    result("baseline: what it lacks is reported", status == 1 and found == twins, found)

    entry = {key: json.loads(certain)[key] for key in STABLE}
    stale = {**entry, "path": "no.such.field"}
    for name, changed, accepts in (
            ("another address", {**entry, "section": f"0000:00:1e.0:07.3/{entry['section']}"}, True),
            ("a key left out", {"rule": entry["rule"], "section": entry["section"]}, True),
            ("as certain", {**entry, "certainty": "certain"}, True), ("less certain", {**entry, "certainty": "when"}, False),
            ("undecided", {**entry, "certainty": "undecided"}, False),
            ("another writer", {**entry, "writer": "something else"}, False), ("another path", stale, False)):
        baseline.write_text("\n".join([*rest, json.dumps(changed)]))
        done = run(*words)
        named = f"{baseline}: line {len(rest) + 1} {'accepts a difference that has become more certain' if 'certainty' in changed else 'is stale'}".encode()
        result(f"baseline: {name}", done.returncode == (0 if accepts else 1) and (named in done.stderr) != accepts and
               done.stderr.count(b"\n") == (0 if accepts else 1), done.stderr)
    line, = map(json.loads, run("--json", *words).stderr.splitlines())
    result("baseline: a stale line as an object", line["stale"] is True and line["more_certain"] is False and line["line"] == len(rest) + 1 and
           line["path"] == "no.such.field", line)

    possible = next(each for each in differences if each["certainty"] == "when")
    baseline.write_text(json.dumps({**possible, "certainty": "certain"}))
    result("baseline: one that has become less certain", possible not in objects(*words)[0])

    for name, text, wrong in (("no JSON", "{}\nnot", "line 2"), ("no object", '["rule"]', "expected an object"), ("no rule", "{}", '"rule"'),
                              ("a key that no difference has", '{"rule": "x", "strukture": "y"}', '"strukture"'),
                              ("another certainty", '{"rule": "x", "certainty": "sure"}', '"certainty" is not'),
                              ("a number", '{"rule": "x", "path": 7}', '"path" is no string')):
        baseline.write_text(text if name != "no JSON" else '{"rule": "x"}\nnot')
        ends(f"baseline: {name}", 2, *words, text=wrong)
    ends("baseline: no such file", 2, "--baseline", folder / "none", *pair, text="cannot open")
    baseline.write_text("")
    ends("baseline: empty", 1, *words)


# ---- Sides -------------------------------------------------------------------------------------------


def check_sides(folder):
    plus = folder / "a+b.vmstate"
    plus.write_bytes(SMALL.read_bytes())
    ends("side: a stream at itself", 0, SMALL, SMALL, text=NOTHING)
    ends("side: a name with a +", 0, plus, plus, text=NOTHING)
    ends("side: a name with a +, and a program", 0, f"{plus}+{PROGRAM}", f"{PROGRAM}+{plus}", text=NOTHING)
    ends("side: a stream, a program and a dump", 0, f"{SMALL}+{PROGRAM}+{DUMP}", f"{SMALL}+{PROGRAM}", text=NOTHING)
    ends("side: a dump", 0, DUMP, DUMP, text=NOTHING)
    ends("side: a program", 0, PROGRAM, PROGRAM, text=NOTHING)
    ends("side: --schema", 0, "--schema", PROGRAM, SMALL, SMALL, text=NOTHING)
    ends("side: a package", 0, f"{PACKAGE}+{X86}", f"{PACKAGE}+{X86}", text=NOTHING)
    ends("side: a package, --schema", 0, "--schema", X86, PACKAGE, PACKAGE, text=NOTHING)
    ends("side: no description", 0, f"{BARE}+{X86}", f"{BARE}+{X86}", text=NOTHING)
    ends("side: no description, and no program", 2, BARE, SMALL, text="give the program that wrote it")
    ends("side: no description, and no program, of B", 2, SMALL, BARE, text=f"vmwire: {BARE}: ")
    key = lambda found: sorted((each["rule"], str(each["section"]), str(each["path"])) for each in found)
    as_part, as_schema = objects(f"{PC}+{X86}", folder / "reader.json")[0], objects("--schema", X86, PC, folder / "reader.json")[0]
    result("side: --schema adds no second program to a side", as_part and key(as_part) == key(as_schema), (as_part, as_schema))
    cut = folder / "cut"
    cut.write_bytes(PC.read_bytes()[:9000])
    ends("side: cut off", 2, cut, PC, text="it is cut off")
    ends("side: cut off, and its program", 2, f"{cut}+{X86}", PC, text="only")
    cut.write_bytes(PC.read_bytes()[:-20])
    ends("side: cut off in its description", 2, cut, PC, text="a description of")
    ends("side: two streams", 2, f"{SMALL}+{OTHER}", SMALL, text=f"{OTHER}: a second stream")
    ends("side: two programs", 2, SMALL, f"{PROGRAM}+{X86}", text="a second program")
    ends("side: no such file", 2, f"{SMALL}+{folder}/none", SMALL, text=f"{folder}/none: cannot open")
    ends("side: no such program", 2, "no-such-program", SMALL, text="no-such-program: cannot open")
    ends("side: nothing before +", 2, f"+{SMALL}", SMALL, text="expected the name of a file")
    ends("side: nothing behind +", 2, f"{SMALL}+", SMALL, text="expected the name of a file")
    ends("side: no stream", 2, ROOT / "README.md", SMALL, text="not a migration stream")
    ends("side: one file", 2, SMALL, text="two files")


def check_pipes(folder):
    stream, program = SMALL.read_bytes(), PROGRAM.read_bytes()
    bare = folder / "bare"
    bare.write_bytes(stream[:stream.index(b'{"page_size"') - 5])
    ends("pipe: a stream", 0, "-", SMALL, stdin=stream, text=NOTHING)
    ends("pipe: a stream, with a program", 0, "--", f"-+{PROGRAM}", f"{SMALL}+{PROGRAM}", stdin=stream, text=NOTHING)
    ends("pipe: a program, with a stream", 0, f"{bare}+-", f"{bare}+{PROGRAM}", stdin=program, text=NOTHING)
    ends("pipe: a stream without a description", 2, "-", SMALL, stdin=bare.read_bytes(), text="give the program")
    ends("pipe: on both sides", 2, "-", "--", "-", stdin=stream, text="one file only")
    ends("pipe: empty", 2, "-", SMALL, text="vmwire: -: ")
    readers = []
    for content in stream, stream:
        reading, writing = os.pipe()
        if not os.fork():
            os.close(reading)
            with open(writing, "wb") as pipe:
                pipe.write(content)
            os._exit(0)
        os.close(writing)
        readers.append(reading)
    ends("pipe: two, by descriptors", 0, *(f"/dev/fd/{each}+{PROGRAM}" for each in readers), pass_fds=readers, text=NOTHING)
    for each in readers:
        os.close(each)
        os.wait()


def check_options(folder):
    for option in "flagday", "standalone", "framed", "asn1":
        made = folder / option
        subprocess.run([VMWIRE, "convert", "--to", option, "--output", made, SMALL], check=True)
        ends(f"option: {option}", 0, "--option", option, made, made, text=NOTHING)
        ends(f"option: {option}, and a stream of today as reader", 0, "--option", option, made, SMALL, text=NOTHING)
        ends(f"option: {option}, read as heuristic", 2, made, SMALL, text="stream version")
        differences, summaries, status = objects("--to", option, SMALL, SMALL)
        certain = [each["rule"] for each in differences if each["certainty"] == "certain"]
        result(f"option: {option} refuses what heuristic writes", status == 1 and certain == ["stream-version"] and
               len(differences) == 1, differences)
    differences, _, status = objects("--to", "consistent", SMALL, SMALL)
    result("option: another look for subsections is undecided", status == 3 and [each["rule"] for each in differences] == [
        "protocol-option"], differences)


def check_statuses(pair):
    ends("status: 0", 0, SMALL, SMALL)
    ends("status: 0, --strict", 0, "--strict", SMALL, SMALL)
    ends("status: 1", 1, S390X, PC)
    ends("status: 3", 3, "--to", "guarded", SMALL, SMALL)
    ends("status: 3, --strict", 3, "--to", "guarded", "--strict", SMALL, SMALL)
    ends("status: 1 beside what is undecided", 1, *pair)
    ends("status: 3 with --strict", 3, "--strict", *pair)


def check_directions(folder):
    streams = objects("--both", S390X, PC)
    result("directions: of streams with --both", [each["direction"] for each in streams[1]] == ["forward", "backward"] and
           {each["direction"] for each in streams[0]} == {"forward", "backward"}, streams[1])
    result("directions: of streams without it", [each["direction"] for each in objects(S390X, PC)[1]] == ["forward"])
    programs = objects(X86, folder / "reader.json")
    result("directions: of two programs", [each["direction"] for each in programs[1]] == ["forward", "backward"], programs[1])
    result("directions: the files", [(each["file"], each["reader"]) for each in programs[1]] == [
        (str(X86), str(folder / "reader.json")), (str(folder / "reader.json"), str(X86))], programs[1])
    lines = run(X86, folder / "reader.json").stdout.decode().splitlines()
    result("directions: a conclusion each", sum(line.startswith((f"{X86} to ", f"{folder}/reader.json to ")) for line in lines) == 2, lines)
    suites = xml.etree.ElementTree.fromstring(run("--junit", X86, folder / "reader.json").stdout)
    result("directions: a test suite each", len(suites) == 2 and all(int(suite.get("tests")) > 100 for suite in suites), suites.attrib)
    way_back = objects(folder / "reader.json", X86)[0]
    turned = {"forward": "backward", "backward": "forward"}
    key = lambda each: json.dumps(each, sort_keys=True)
    result("directions: the way back is that of the other order", sorted(map(key, programs[0])) == sorted(
        key({**each, "direction": turned[each["direction"]]}) for each in way_back), way_back[:2])


def check_instances():
    """Two instances of a device are two results for machines, and one device for people."""
    reader = json.loads(X86.read_text())
    cpu = next(each for each in reader["structures"] if each["name"] == "cpu_common")
    cpu["fields"] = cpu["fields"][1:]
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "reader.json"
        file.write_text(json.dumps(reader))
        done = run("--sarif", STREAMS / "bullseye-q35.vmstate", file)
        results = json.loads(done.stdout)["runs"][0]["results"]
        prints = [each["partialFingerprints"]["difference/v1"] for each in results]
        result("sarif: each instance is a result", len(prints) > 1 and len(set(prints)) == len(prints), prints)


def check_readme():
    """README shows what is printed; `...` stands for what it leaves out."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", "")
    shown = re.search(r"^    \$ vmwire (skew .*)\n((?:(?:    .*)?\n)+)", readme, re.M)
    lines = run(*shown[1].split()[1:], cwd=ROOT).stdout.decode().splitlines()
    left = [line[4:].removeprefix("... ") for line in shown[2].splitlines() if line.strip() not in ("", "...")]
    missing = [line for line in left if not any(each == line or each.endswith(f": {line}") for each in lines)]
    result("README.md shows what is printed", len(left) > 8 and not missing, missing)


def check_job(folder):
    """The CI job: its script is run as it is."""
    lines = (ROOT / "corpus/release-check.yml").read_text().splitlines()
    script = [line[6:] for line in lines if line.startswith("    - ")]
    result("the CI job has a script", len(script) == 3, script)
    made = folder / "job"
    made.mkdir()
    (made / "vmwire").symlink_to(VMWIRE)
    there = {**os.environ, "PATH": f"{made}:{os.environ['PATH']}", "BASELINE": "baseline.json", "OLD": str(X86)}
    for new, status in (X86, 0), (folder / "reader.json", 1):
        done = subprocess.run(["sh", "-e", "-c", "\n".join(script)], cwd=made, env={**there, "NEW": str(new)}, capture_output=True)
        suites = xml.etree.ElementTree.parse(made / "skew.xml").getroot()
        result(f"the CI job: exit status {status}", done.returncode == status and bool(int(suites.get("failures"))) == bool(status),
               (done.returncode, done.stderr))
    (made / "baseline.json").write_bytes(run("--json", X86, folder / "reader.json").stdout)
    done = subprocess.run(["sh", "-e", "-c", "\n".join(script)], cwd=made, env={**there, "NEW": str(folder / "reader.json")}, capture_output=True)
    result("the CI job: with a baseline", done.returncode == 0, (done.returncode, done.stdout))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pair = make_reader(folder)
        differences, summary = check_json(pair)
        check_csv(pair, differences)
        check_sarif(pair, differences, summary)
        check_junit(pair, differences, summary)
        check_text(pair, differences, summary)
        check_names(folder)
        check_groups(folder)
        check_offsets()
        check_baseline(folder, pair, differences)
        check_sides(folder)
        check_pipes(folder)
        check_options(folder)
        check_statuses(pair)
        check_directions(folder)
        check_instances()
        check_readme()
        check_job(folder)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
